//! Accounts: registering, settings, password, deletion.

use std::time::Duration;

use sotto_identity::{check_cross_signing, verify_first};
use sotto_protocol::{
    ConversationId, DeviceId, ProblemCode,
    accounts::{Account, AccountType, ChangePasswordRequest, RegisterRequest, SessionResponse, UpdateAccountRequest},
    keys::UserIdentity,
};
use sotto_store::{
    PgConnection, StoreError,
    accounts::{self, AccountRow, NewAccount},
    audit, devices, rosters, transaction,
};

use crate::{
    Service, ServiceError, ServiceResult,
    checks::{self, invalid, keys_refusal, list_refusal},
    clock::millis,
    devices::wake,
    enrolment::{Acting, Enrolment, append, note_keys},
    identity::cross_keys,
    passwords::PasswordConfig,
    tokens::AccessClaims,
};

/// What an operator decides about accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountsConfig {
    /// How long a linked device can't link, revoke others or change recovery.
    pub probation: Duration,
    /// What a password hash costs.
    pub passwords: PasswordConfig,
}

impl Default for AccountsConfig {
    fn default() -> Self {
        Self { probation: Duration::from_hours(24), passwords: PasswordConfig::default() }
    }
}

impl Service {
    /// Makes an account with its first device.
    ///
    /// # Errors
    /// `invalid_request`, `invalid_key`, `invalid_signature`, `username_taken`, `already_exists`, `forbidden` (an
    /// assistant).
    pub async fn register(&self, request: &RegisterRequest) -> ServiceResult<SessionResponse> {
        let username = checks::username(&request.username)?;
        if request.account_type != AccountType::Person {
            return Err(ProblemCode::Forbidden.into());
        }
        let user_id = request.master_key.user_id;
        let device_id = request.device_keys.device_id;
        checks::fresh_id(user_id.0)?;
        checks::recovery_bundle(&request.recovery_bundle.0)?;
        let account =
            check_cross_signing(user_id, &request.master_key, &request.self_signing_key).map_err(keys_refusal)?;
        let enrolment = enrolment(request);
        let listed = enrolment.check(&account)?;
        verify_first(&request.device_list, &account).map_err(list_refusal)?;
        if request.device_list.devices != [listed.clone()] {
            return Err(invalid("device_list: exactly the first device"));
        }
        let password_hash = self.passwords.hash(&request.password, &*self.entropy).await?;
        let token = self.random_refresh_token();
        let now = self.clock.now();
        let identity = UserIdentity {
            user_id,
            master_key: request.master_key.clone(),
            self_signing_key: request.self_signing_key.clone(),
            lists: Vec::new(),
            device_keys: Vec::new(),
        };
        let row = NewAccount {
            identity: &identity,
            username: &username,
            password_hash: &password_hash,
            account_type: request.account_type,
            recovery_bundle: &request.recovery_bundle.0,
            now,
        };
        transaction!(self.database, "accounts.register", |conn| {
            accounts::insert(conn, &row).await.map_err(taken)?;
            note_keys(conn, user_id.0, &cross_keys(&account)).await?;
            enrolment.store(conn, &listed, now).await?;
            append(conn, &request.device_list, now).await?;
            self.open_family(conn, user_id, device_id, &token, now).await?;
            let registered = audit::record(conn, user_id, Some(device_id), "registered", serde_json::json!({}), now);
            Ok::<_, ServiceError>(registered.await?)
        })?;
        let fresh_at_ms = Some(self.clock.now_ms());
        let claims = AccessClaims { user_id, device_id, token_generation: 0, verified: true, fresh_at_ms };
        Ok(SessionResponse { user_id, device_id, verified: true, tokens: self.token_pair(claims, &token)? })
    }

    /// The caller's account.
    ///
    /// # Errors
    /// `device_revoked`: the account is gone.
    pub async fn account(&self, caller: &AccessClaims) -> ServiceResult<Account> {
        let mut connection = self.database.acquire().await?;
        let row = accounts::get(&mut connection, caller.user_id).await?.ok_or(ProblemCode::DeviceRevoked)?;
        let device = devices::get(&mut connection, caller.device_id).await?.ok_or(ProblemCode::DeviceRevoked)?;
        Ok(shown(&row, device.id, device.verified))
    }

    /// Changes what the request names.
    ///
    /// # Errors
    /// `invalid_request`, `username_taken`.
    pub async fn update_account(
        &self,
        caller: &AccessClaims,
        request: &UpdateAccountRequest,
    ) -> ServiceResult<Account> {
        let username = request.username.as_deref().map(checks::username).transpose()?;
        let account = transaction!(self.database, "accounts.update", |conn| {
            let mut acting = Acting::lock(conn, caller).await?;
            acting.require_verified()?;
            if let Some(username) = &username {
                accounts::set_username(conn, caller.user_id, username).await.map_err(taken)?;
                acting.account.username.clone_from(username);
            }
            if let Some(private) = request.private_receipts {
                accounts::set_private_receipts(conn, caller.user_id, private).await?;
                acting.account.private_receipts = private;
            }
            Ok::<_, ServiceError>(shown(&acting.account, caller.device_id, true))
        })?;
        if let Some(hidden) = request.private_receipts {
            self.cluster.receipts(caller.user_id, hidden).await;
        }
        Ok(account)
    }

    /// Replaces the password (step-up). Devices that only the old password let in are out.
    ///
    /// # Errors
    /// `step_up_required`, `invalid_request`, `device_unverified`.
    pub async fn change_password(&self, caller: &AccessClaims, request: &ChangePasswordRequest) -> ServiceResult<()> {
        caller.require_fresh(self.clock.now_ms())?;
        let password_hash = self.passwords.hash(&request.new_password, &*self.entropy).await?;
        let now = self.clock.now();
        let ended = transaction!(self.database, "accounts.password", |conn| {
            let acting = Acting::lock(conn, caller).await?;
            acting.require_verified()?;
            accounts::set_password(conn, caller.user_id, &password_hash).await?;
            let detail = serde_json::json!({});
            audit::record(conn, caller.user_id, Some(caller.device_id), "password_changed", detail, now).await?;
            let unverified: Vec<DeviceId> =
                acting.devices.iter().filter(|device| !device.verified).map(|device| device.id).collect();
            self.end_devices(conn, caller.user_id, &unverified).await
        })?;
        self.announce_ended(caller.user_id, &ended).await;
        Ok(())
    }

    /// Deletes the account (step-up): all devices end, it is out of every roster, its name is free.
    ///
    /// The membership chains still name it, since nobody signed that it left; the server serves it no more and counts
    /// it in no roster. Its messages stay until their retention ends, as they do for other members that left.
    ///
    /// # Errors
    /// `step_up_required`, `device_unverified`, `device_on_probation`.
    pub async fn delete_account(&self, caller: &AccessClaims) -> ServiceResult<()> {
        caller.require_fresh(self.clock.now_ms())?;
        let (ended, rosters) =
            transaction!(self.database, "accounts.delete", |conn| { self.delete(conn, caller).await })?;
        self.announce_ended(caller.user_id, &ended).await;
        for (conversation_id, _) in &rosters {
            self.cluster.hub.expel(*conversation_id, caller.user_id);
        }
        self.announce_rosters(&rosters, &[]);
        Ok(())
    }

    async fn delete(
        &self,
        conn: &mut PgConnection,
        caller: &AccessClaims,
    ) -> ServiceResult<(Vec<crate::devices::Ended>, Vec<(ConversationId, i64)>)> {
        let now = self.clock.now();
        let acting = Acting::lock(conn, caller).await?;
        acting.require_trusted(now)?;
        let rosters = rosters::bump_rosters(conn, caller.user_id).await?;
        accounts::delete(conn, caller.user_id, now).await?;
        let detail = serde_json::json!({});
        audit::record(conn, caller.user_id, Some(caller.device_id), "account_deleted", detail, now).await?;
        wake(conn, &rosters, &[]).await?;
        let mut devices: Vec<DeviceId> = acting.devices.iter().map(|device| device.id).collect();
        devices.sort();
        let ended = self.end_devices(conn, caller.user_id, &devices).await?;
        Ok((ended, rosters))
    }
}

fn enrolment(request: &RegisterRequest) -> Enrolment<'_> {
    Enrolment {
        keys: &request.device_keys,
        device: &request.device,
        one_time_keys: &request.one_time_keys,
        fallback_key: &request.fallback_key,
        probation_until: None,
    }
}

fn taken(error: StoreError) -> ServiceError {
    match error {
        StoreError::Conflict { constraint } if constraint == "users_username" => ProblemCode::UsernameTaken.into(),
        StoreError::Conflict { .. } => ProblemCode::AlreadyExists.into(),
        error => error.into(),
    }
}

fn shown(row: &AccountRow, device_id: DeviceId, verified: bool) -> Account {
    Account {
        user_id: row.id,
        username: row.username.clone(),
        account_type: row.account_type.0,
        device_id,
        verified,
        list_version: row.list_version,
        private_receipts: row.private_receipts,
        created_at_ms: millis(row.created_at),
    }
}
