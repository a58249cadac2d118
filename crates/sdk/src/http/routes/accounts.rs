//! Accounts and tokens.

use reqwest::Method;
use sotto_protocol::{
    accounts::{
        Account, ChallengeResponse, ChangePasswordRequest, LoginRequest, LogoutRequest, RefreshRequest,
        RegisterRequest, SessionResponse, StepUpRequest, StepUpResponse, TokenPair, UpdateAccountRequest,
    },
    audit::AuditPage,
    devices::{LogoutOthersRequest, LogoutOthersResponse},
};

use crate::{
    SdkError, SdkResult,
    http::{Http, Tokens, call::Call, tokens::expiry},
};

impl Http {
    /// `POST /auth/register`.
    pub async fn register(&self, request: &RegisterRequest) -> SdkResult<SessionResponse> {
        self.run(Call::post("/auth/register", request)?.anonymous()).await
    }

    /// `POST /auth/challenges`.
    pub async fn create_challenge(&self) -> SdkResult<ChallengeResponse> {
        self.run(Call::bare(Method::POST, "/auth/challenges").anonymous().repeatable()).await
    }

    /// `POST /auth/login`.
    pub async fn login(&self, request: &LoginRequest) -> SdkResult<SessionResponse> {
        self.run(Call::post("/auth/login", request)?.anonymous()).await
    }

    /// `POST /auth/refresh`; [`Http::refresh`] is what callers want.
    pub async fn refresh_tokens(&self, request: &RefreshRequest) -> SdkResult<TokenPair> {
        self.run(Call::post("/auth/refresh", request)?.anonymous().repeatable()).await
    }

    /// `POST /auth/logout`: ends this device's tokens; with an entry that leaves it out, the device.
    pub async fn logout(&self, request: &LogoutRequest) -> SdkResult<()> {
        self.run::<()>(Call::post("/auth/logout", request)?).await?;
        self.set_tokens(None);
        Ok(())
    }

    /// `POST /auth/logout-others` (step-up).
    pub async fn logout_others(&self, request: &LogoutOthersRequest) -> SdkResult<LogoutOthersResponse> {
        self.run(Call::post("/auth/logout-others", request)?).await
    }

    /// `POST /auth/step-up`: the access token counts as fresh for 5 minutes.
    pub async fn step_up(&self, password: &str) -> SdkResult<()> {
        let request = StepUpRequest { password: password.to_owned() };
        let response: StepUpResponse = self.run(Call::post("/auth/step-up", &request)?).await?;
        let held = self.tokens().ok_or(SdkError::SignedOut)?;
        let expires_at_ms = expiry(self.environment.now_ms(), response.expires_in_ms);
        self.set_tokens(Some(Tokens { access_token: response.access_token, expires_at_ms, ..held }));
        Ok(())
    }

    /// `GET /api/account`.
    pub async fn get_account(&self) -> SdkResult<Account> {
        self.run(Call::get("/api/account")).await
    }

    /// `GET /api/account/audit?before=`: a page, newest first.
    pub async fn list_audit(&self, before: Option<i64>) -> SdkResult<AuditPage> {
        let query = before.map(|before| format!("?before={before}")).unwrap_or_default();
        self.run(Call::get(format!("/api/account/audit{query}"))).await
    }

    /// `PATCH /api/account`.
    pub async fn update_account(&self, request: &UpdateAccountRequest) -> SdkResult<Account> {
        self.run(Call::with(Method::PATCH, "/api/account", request)?.repeatable()).await
    }

    /// `POST /api/account/password` (step-up).
    pub async fn change_password(&self, request: &ChangePasswordRequest) -> SdkResult<()> {
        self.run(Call::post("/api/account/password", request)?).await
    }

    /// `DELETE /api/account` (step-up).
    pub async fn delete_account(&self) -> SdkResult<()> {
        self.run(Call::bare(Method::DELETE, "/api/account")).await
    }
}
