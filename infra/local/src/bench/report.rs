//! The table for people.

use std::fmt::Write as _;

use super::{
    budgets::{hundredths, ms},
    measure::Measured,
    purchase::Purchase,
};

const HEAD: [&str; 2] = [
    "function                        start min/p50   empty   ratio  first own/all   warm p50/p99  own p50  memory  binary     zip  calls     RU     WU",
    "                                           ms      ms                     ms             ms       ms      MB      KB      KB",
];

/// Everything that was measured, and what was missed.
pub(super) fn report(measured: &[Measured], purchase: &Purchase, missed: &[String]) -> String {
    // Writing to a `String` cannot fail.
    let mut text = String::from("\n");
    for head in HEAD {
        text.push_str(head);
        text.push('\n');
    }
    for one in measured {
        let _ = write!(
            text,
            "{:<30} {:>6}/{:>6} {:>7} {:>6}x",
            one.function.name,
            ms(one.start.min),
            ms(one.start.p50),
            ms(one.empty.min),
            hundredths(one.percent_of_empty()),
        );
        let weight = format!(
            "{:>7} {:>7} {:>7}",
            hundredths(u128::from(one.memory_kb).saturating_mul(100).div_ceil(1_024)),
            one.binary_bytes.div_ceil(1_000),
            one.zip_bytes.div_ceil(1_000),
        );
        let _ = match &one.answers {
            Some(answers) => writeln!(
                text,
                " {:>6}/{:>6} {:>6}/{:>7} {:>8} {weight} {:>6} {:>6} {:>6}",
                ms(answers.first_own.p50),
                ms(answers.first.p50),
                ms(answers.warm.p50),
                ms(answers.warm.p99),
                ms(answers.warm_own.p50),
                answers.database.calls,
                answers.database.read_units.to_string(),
                answers.database.write_units.to_string(),
            ),
            None => writeln!(text, " {:>37} {weight}", "asked nothing: see bench/cases.rs"),
        };
    }
    text.push_str("\nOne purchase by a guest, at list price:\n");
    for step in &purchase.steps {
        let _ = writeln!(
            text,
            "  {:<30} ${}  {} calls, {} RU, {} WU, {} mails, {} ms{}",
            step.name,
            step.price,
            step.consumed.calls,
            step.consumed.read_units,
            step.consumed.write_units,
            step.mails,
            ms(step.time),
            if step.is_measured { "" } else { " (not of the binary: development build)" },
        );
    }
    let _ = writeln!(text, "  from checkout to paid          ${}", purchase.to_paid());
    let _ = writeln!(text, "  with its mails                 ${}", purchase.with_mails());
    let _ = writeln!(text, "  and what a browser reads       ${}", purchase.whole());
    let _ = writeln!(text, "  if each call took 100 ms       ${}\n", purchase.whole_at_bound());
    for line in missed {
        let _ = writeln!(text, "MISSED: {line}");
    }
    if missed.is_empty() {
        text.push_str("Every budget is kept by what was measured.\n");
    }
    text
}
