//! What stands in the log of anything that runs: never who it is about.

use local::generate::{Inventory, events};
use serde_json::Value;
use testkit::TestRequest;

use crate::sweep::{endpoints, everything_breaks, start};

/// What the document's examples and the person of the sweep would show of themselves.
fn of_people(line: &str) -> Option<&'static str> {
    let lower = line.to_lowercase();
    ["@", "%40", "sweeper", "mina", "203.0.113", "correct horse", "bearer ey"]
        .into_iter()
        .find(|part| lower.contains(part))
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_69_no_line_of_an_endpoint_shows_a_person_whether_it_works_or_breaks() {
    let (app, user) = start().await;
    let mut lines = 0_u32;
    for breaks in [false, true] {
        if breaks {
            app.fail(everything_breaks());
        }
        let all = endpoints();
        let both = all.iter().flat_map(|swept| [swept.by(&app, &user), swept.by_nobody(&app)]);
        // At once, for whatever breaks waits out the SDK's own tries.
        for answer in TestRequest::all_at_once(both.map(TestRequest::may_break).collect()).await {
            assert_eq!(of_people(&answer.line), None, "{}", answer.line);
            lines = lines.saturating_add(1);
        }
    }
    assert!(lines > 40, "only {lines} lines: this tests nothing");
}

/// What a job's line shows beyond its name and cost is what broke in it.
#[tokio::test(flavor = "multi_thread")]
async fn attack_69_no_fault_of_a_job_shows_a_person() {
    let (app, _) = start().await;
    let mut broken = 0_u32;
    for file in events::files(&Inventory::of_all_services()).unwrap() {
        let Some(job) = Inventory::of_all_services()
            .jobs
            .into_iter()
            .find(|job| file.path.ends_with(&format!("/{}.json", job.route.id.replace(['.', '_'], "-"))))
        else {
            continue;
        };
        let event: Value = serde_json::from_str(&file.text).unwrap();
        app.fail(everything_breaks());
        // What broke it, or what it tells of its work although it did not break.
        let told = match app.run_job(job.route.id, event).await {
            Err(fault) => Some(fault.chain()),
            Ok((_, usage)) => usage.fault,
        };
        if let Some(told) = told {
            broken = broken.saturating_add(1);
            assert_eq!(of_people(&told), None, "{}: {told}", job.route.id);
        }
        app.heal();
    }
    assert!(broken >= 3, "only {broken} jobs broke: this tests nothing");
}
