//! Being asked to stop: what was begun is still cleared away.

use std::sync::OnceLock;

use tokio::{
    signal::{
        ctrl_c,
        unix::{SignalKind, signal},
    },
    sync::watch,
};

/// Waits for Ctrl-C or SIGTERM, or is over at once if one came since it was called first. A second one ends the program.
pub async fn interrupted() {
    static ASKED: OnceLock<watch::Sender<bool>> = OnceLock::new();
    let _ = ASKED.get_or_init(listen).subscribe().wait_for(|asked| *asked).await;
}

fn listen() -> watch::Sender<bool> {
    let asked = watch::Sender::new(false);
    let teller = asked.clone();
    tokio::spawn(async move {
        let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
        loop {
            tokio::select! {
                _ = ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            if teller.send_replace(true) {
                std::process::exit(130);
            }
        }
    });
    asked
}
