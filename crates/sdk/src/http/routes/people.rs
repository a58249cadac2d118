//! People.

use reqwest::Method;
use sotto_protocol::{
    UserId,
    people::{BlockList, UserSummary},
};

use crate::{
    SdkResult,
    http::{Http, call::Call},
};

impl Http {
    /// `GET /api/users/by-name/{username}`.
    pub async fn get_user_by_name(&self, username: &str) -> SdkResult<UserSummary> {
        // Usernames are `a-z 0-9 _ . -`; anything else would need encoding and names nobody.
        let plain = username.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
        let username = if plain { username } else { "-" };
        self.run(Call::get(format!("/api/users/by-name/{username}"))).await
    }

    /// `GET /api/blocks`.
    pub async fn list_blocks(&self) -> SdkResult<BlockList> {
        self.run(Call::get("/api/blocks")).await
    }

    /// `PUT /api/blocks/{user_id}`.
    pub async fn block_user(&self, user_id: UserId) -> SdkResult<()> {
        self.run(Call::bare(Method::PUT, format!("/api/blocks/{user_id}")).repeatable()).await
    }

    /// `DELETE /api/blocks/{user_id}`.
    pub async fn unblock_user(&self, user_id: UserId) -> SdkResult<()> {
        self.run(Call::bare(Method::DELETE, format!("/api/blocks/{user_id}")).repeatable()).await
    }
}
