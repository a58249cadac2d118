//! Passwords: Argon2id (RFC 9106), a bounded number at once, off the threads that serve sockets.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::Error as HashError,
};
use sotto_protocol::{Problem, ProblemCode, limits::PASSWORD_CHARS};
use tokio::sync::Semaphore;

use crate::{Entropy, ServiceError, ServiceResult};

/// What a hash costs. Hashes made with other costs still verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordConfig {
    /// Memory, KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// Hashes at once on this node: each takes a core and its memory.
    pub concurrency: usize,
}

impl Default for PasswordConfig {
    /// The costs that OWASP recommends; two hashes at once a core.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { memory_kib: 19_456, passes: 2, lanes: 1, concurrency: 2 * cores }
    }
}

/// Hashes and verifies passwords.
pub struct Passwords {
    argon2: Argon2<'static>,
    permits: Semaphore,
    /// Verified for names that don't exist, so that both answers take as long.
    nobody: Arc<str>,
}

impl Passwords {
    /// Hashes at these costs from now on.
    ///
    /// # Errors
    /// `Internal`: Argon2 does not allow these costs.
    pub fn new(config: PasswordConfig, entropy: &dyn Entropy) -> ServiceResult<Self> {
        let params = Params::new(config.memory_kib, config.passes, config.lanes, None)
            .map_err(|error| ServiceError::Internal(format!("costs of passwords: {error}")))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash(&argon2, "nobody", &salt(entropy))?;
        Ok(Self { argon2, permits: Semaphore::new(config.concurrency.max(1)), nobody: nobody.into() })
    }

    /// Hashes a new password into PHC form.
    ///
    /// # Errors
    /// `invalid_request`: its length.
    pub async fn hash(&self, password: &str, entropy: &dyn Entropy) -> ServiceResult<String> {
        if !PASSWORD_CHARS.contains(&password.chars().count()) {
            return Err(Problem::new(ProblemCode::InvalidRequest).with_detail("password: 8 to 256 characters").into());
        }
        let (argon2, password, salt) = (self.argon2.clone(), password.to_owned(), salt(entropy));
        self.run(move || hash(&argon2, &password, &salt)).await
    }

    /// Checks a password against a hash, or as long against none.
    ///
    /// # Errors
    /// `wrong_credentials`.
    pub async fn verify(&self, password: &str, stored: Option<&str>) -> ServiceResult<()> {
        let known = stored.is_some();
        let stored = stored.map_or_else(|| Arc::clone(&self.nobody), Arc::from);
        let (argon2, password) = (self.argon2.clone(), password.to_owned());
        let right = self.run(move || verify(&argon2, &password, &stored)).await?;
        if right && known { Ok(()) } else { Err(ProblemCode::WrongCredentials.into()) }
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> ServiceResult<T> + Send + 'static,
    ) -> ServiceResult<T> {
        let internal = |error: &dyn std::fmt::Display| ServiceError::Internal(error.to_string());
        let _permit = self.permits.acquire().await.map_err(|error| internal(&error))?;
        tokio::task::spawn_blocking(work).await.map_err(|error| internal(&error))?
    }
}

fn salt(entropy: &dyn Entropy) -> [u8; 16] {
    let mut salt = [0; 16];
    entropy.fill(&mut salt);
    salt
}

fn hash(argon2: &Argon2<'_>, password: &str, salt: &[u8]) -> ServiceResult<String> {
    let hash = argon2
        .hash_password_with_salt(password.as_bytes(), salt)
        .map_err(|error| ServiceError::Internal(format!("hashing a password: {error}")))?;
    Ok(hash.to_string())
}

fn verify(argon2: &Argon2<'_>, password: &str, stored: &str) -> ServiceResult<bool> {
    let internal = |error: HashError| ServiceError::Internal(format!("verifying a password: {error}"));
    let stored = PasswordHash::new(stored).map_err(|error| ServiceError::Internal(format!("stored hash: {error}")))?;
    match argon2.verify_password(password.as_bytes(), &stored) {
        Ok(()) => Ok(true),
        Err(HashError::PasswordInvalid) => Ok(false),
        Err(error) => Err(internal(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemEntropy;

    #[tokio::test]
    async fn only_the_same_password_verifies_and_nobody_has_one() {
        let cheap = PasswordConfig { memory_kib: 64, passes: 1, lanes: 1, concurrency: 1 };
        let passwords = Passwords::new(cheap, &SystemEntropy).unwrap();
        let stored = passwords.hash("correct horse", &SystemEntropy).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        assert_ne!(stored, passwords.hash("correct horse", &SystemEntropy).await.unwrap());
        passwords.verify("correct horse", Some(&stored)).await.unwrap();
        passwords.verify("wrong horse", Some(&stored)).await.unwrap_err();
        passwords.verify("nobody", None).await.unwrap_err();
        passwords.hash("short", &SystemEntropy).await.unwrap_err();
    }
}
