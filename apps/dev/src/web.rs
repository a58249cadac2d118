//! The web client's files where nginx, which may run as somebody else, can read them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Context, Result};
use crate::layout::Layout;
use crate::{files, progress};

const NAME: &str = "web";
const PAGE: &str = "index.html";

/// What nginx serves.
pub fn root(layout: &Layout) -> PathBuf {
    layout.service(NAME)
}

/// Whether there is a client to serve.
pub fn is_there(layout: &Layout) -> bool {
    root(layout).join(PAGE).is_file()
}

/// Copies the built client, the page last, so that it never names files that are not there. Those of earlier builds stay
/// for pages that are open; without a build nothing changes.
pub fn publish(layout: &Layout, built: Option<&Path>) -> Result<()> {
    let (from, to) = (built.unwrap_or(Path::new("web/dist")), root(layout));
    for folder in [to.clone(), to.join("assets")] {
        files::folder(&folder, 0o755, None)?;
    }
    if !from.join(PAGE).is_file() {
        progress::line(NAME, "the web client is not built: make web");
        return Ok(());
    }
    for folder in ["assets", ""] {
        copy_files(&from.join(folder), &to.join(folder))?;
    }
    copy(&from.join(PAGE), &to.join(PAGE))?;
    progress::line(NAME, "the client is in place");
    Ok(())
}

fn copy_files(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).context(from.display())? {
        let path = entry.context(from.display())?.path();
        if let Some(name) = path.file_name().filter(|name| *name != PAGE && path.is_file()) {
            copy(&path, &to.join(name))?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let bytes = fs::read(from).context(from.display())?;
    let fresh = fs::read(to).is_ok_and(|there| there == bytes);
    if fresh { Ok(()) } else { files::replace(to, &bytes, 0o644) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::scratch;

    #[test]
    fn a_new_build_takes_the_page_over_and_leaves_what_open_pages_need() {
        let dir = scratch("web");
        let layout = Layout { runtime: dir.join("run"), dir: dir.join("run") };
        layout.create().unwrap();
        let built = dir.join("dist");
        fs::create_dir_all(built.join("assets")).unwrap();
        publish(&layout, Some(&built)).unwrap();
        assert!(!is_there(&layout));
        for build in ["one", "two"] {
            fs::remove_dir_all(built.join("assets")).unwrap();
            fs::create_dir_all(built.join("assets")).unwrap();
            fs::write(built.join(format!("assets/{build}.js")), build).unwrap();
            fs::write(built.join(PAGE), build).unwrap();
            publish(&layout, Some(&built)).unwrap();
        }
        assert_eq!(fs::read_to_string(root(&layout).join(PAGE)).unwrap(), "two");
        assert!(root(&layout).join("assets/one.js").exists() && root(&layout).join("assets/two.js").exists());
    }
}
