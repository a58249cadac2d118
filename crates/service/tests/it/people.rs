//! Finding and blocking people.

use sotto_protocol::{
    ConversationId, ProblemCode, TxnId,
    keys::ALGORITHM_MEGOLM,
    messages::{MegolmContent, SendMessage, SendResponse},
};
use sotto_service::{Entropy as _, ServiceResult, SystemEntropy, tokens::AccessClaims};

use crate::{
    home::{Home, direct},
    world::{World, refused},
};

async fn say(world: &World, by: &AccessClaims, id: ConversationId) -> ServiceResult<SendResponse> {
    let content = MegolmContent {
        algorithm: ALGORITHM_MEGOLM.into(),
        session_id: vec![1; 32].into(),
        ciphertext: vec![1].into(),
    };
    let message = SendMessage {
        txn_id: TxnId(SystemEntropy.uuid()),
        prev_txn_id: None,
        roster_version: 1,
        content,
        envelopes: vec![],
        expires_in_ms: None,
    };
    world.service.send_message(by, id, message).await
}

#[tokio::test]
async fn people_are_found_by_their_whole_name_only() {
    let world = World::new().await;
    let (ada, _, session) = Home::register(&world, 0).await;
    let (bob, _, _) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let found = world.service.user_by_name(&claims, &bob.username).await.unwrap();
    assert_eq!((found.user_id, found.username.as_str()), (bob.user_id, bob.username.as_str()));
    assert_eq!(found.master_key.user_id, bob.user_id);
    let part = &ada.username[..ada.username.len() - 1];
    for wrong in [part, "%", "no such name"] {
        assert_eq!(refused(world.service.user_by_name(&claims, wrong).await), ProblemCode::NotFound);
    }
}

#[tokio::test]
async fn a_block_holds_for_the_pair_until_both_lifted_theirs() {
    let world = World::new().await;
    let (ada, phone, session) = Home::register(&world, 0).await;
    let (bob, _, bobs) = Home::register(&world, 0).await;
    let (claims, bobs) = (world.claims(&session), world.claims(&bobs));
    let id = direct(&world, (&ada, &phone), &claims, &bob).await;
    let blocked = async || match say(&world, &claims, id).await {
        Ok(_) => false,
        Err(error) => {
            assert_eq!(error.into_problem().code, ProblemCode::Blocked);
            true
        }
    };
    assert!(!blocked().await);
    world.service.block_user(&claims, bob.user_id).await.unwrap();
    world.service.block_user(&claims, bob.user_id).await.unwrap();
    world.service.block_user(&bobs, ada.user_id).await.unwrap();
    assert!(blocked().await);
    assert_eq!(world.service.blocks(&claims).await.unwrap().user_ids, [bob.user_id]);
    world.service.unblock_user(&claims, bob.user_id).await.unwrap();
    assert!(blocked().await, "the other one's still holds");
    world.service.unblock_user(&bobs, ada.user_id).await.unwrap();
    assert!(!blocked().await);
    assert_eq!(refused(world.service.block_user(&claims, ada.user_id).await), ProblemCode::InvalidRequest);
    let nobody = sotto_protocol::UserId(uuid::Uuid::nil());
    assert_eq!(refused(world.service.block_user(&claims, nobody).await), ProblemCode::NotFound);
}
