//! What is generated is committed, and is what would be generated now.

use std::{fs, path::Path};

use local::generate::{self, Inventory};

#[test]
fn generated_files_are_fresh() {
    let stale = generate::stale(generate::repository(), &Inventory::of_all_services()).unwrap();
    assert!(
        stale.is_empty(),
        "\n  {}\nThe endpoints changed and these did not. Run scripts/generate and commit what it writes; \
         never edit them by hand, nor merge them: generate again.\n",
        stale.join("\n  ")
    );
}

#[test]
fn generating_twice_changes_nothing_and_what_is_wrong_is_named() {
    let inventory = Inventory::of_all_services();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    copy_inputs(root);
    assert!(!generate::write(root, &inventory).unwrap().is_empty());
    assert_eq!(generate::write(root, &inventory).unwrap(), Vec::<String>::new());
    assert_eq!(generate::stale(root, &inventory).unwrap(), Vec::<String>::new());

    fs::write(root.join("docs/KEYS.md"), "by hand").unwrap();
    fs::remove_file(root.join("docs/ROUTES.md")).unwrap();
    fs::write(root.join("functions/lambdas/src/bin/auth-gone.rs"), "").unwrap();
    let expected = [
        "docs/ROUTES.md is missing",
        "docs/KEYS.md is out of date",
        "functions/lambdas/src/bin/auth-gone.rs belongs to nothing any more",
    ];
    assert_eq!(generate::stale(root, &inventory).unwrap(), expected);

    let changed = generate::write(root, &inventory).unwrap();
    assert_eq!(changed.last().unwrap(), "removed functions/lambdas/src/bin/auth-gone.rs");
    assert_eq!(generate::stale(root, &inventory).unwrap(), Vec::<String>::new());
}

fn copy_inputs(root: &Path) {
    let repository = generate::repository();
    fs::create_dir_all(root.join("infra")).unwrap();
    fs::create_dir_all(root.join("frontend")).unwrap();
    fs::copy(repository.join("infra/base.yaml"), root.join("infra/base.yaml")).unwrap();
    fs::write(root.join("frontend/index.html"), "").unwrap();
}
