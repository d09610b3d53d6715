//! Processes as a page of documentation: a diagram and a table, generated from the rows.

use std::fmt::Write as _;

use super::{Effect, Event, Guard, Process, Since, State};
use crate::timestamp::Seconds;

impl<S: State, E: Event, F: Effect> Process<S, E, F> {
    /// The diagram, in Mermaid's `stateDiagram-v2` (<https://mermaid.js.org/syntax/stateDiagram>).
    /// Rows that differ only in who acts share one arrow.
    #[must_use]
    pub fn diagram(&self) -> String {
        let mut arrows: Vec<(S, E, S, Vec<&'static str>)> = Vec::new();
        for row in self.transitions {
            let known = arrows.iter_mut().find(|arrow| (arrow.0, arrow.1, arrow.2) == (row.from, row.event, row.to));
            match known {
                Some(arrow) => arrow.3.push(row.actor.name()),
                None => arrows.push((row.from, row.event, row.to, vec![row.actor.name()])),
            }
        }
        let mut text = format!("stateDiagram-v2\n    [*] --> {}\n", self.start.name());
        for (from, event, to, actors) in arrows {
            let actors = actors.join(", ");
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "    {} --> {}: {} ({actors})", from.name(), to.name(), event.name());
        }
        for (state, _) in self.finals {
            let _ = writeln!(text, "    {} --> [*]", state.name());
        }
        text
    }

    /// The rows, as a table in Markdown.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text =
            "| state | event | who | when | next state | what it moves |\n|---|---|---|---|---|---|\n".to_owned();
        let opening = effect_names(self.opening);
        let _ = writeln!(text, "| | | | | {} | {opening} |", self.start.name());
        for row in self.transitions {
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} |",
                row.from.name(),
                row.event.name(),
                row.actor.name(),
                guard_text(row.guard),
                row.to.name(),
                effect_names(row.effects),
            );
        }
        text
    }
}

fn guard_text(guard: Guard) -> String {
    match guard {
        Guard::Always => "at any time".to_owned(),
        Guard::Before(since, span) => format!("within {} {}", span_text(span), since_text(since)),
        Guard::After(since, span) => format!("{} {}", span_text(span), since_text(since)),
    }
}

const fn since_text(since: Since) -> &'static str {
    match since {
        Since::Start => "after the beginning",
        Since::Entered => "after entering the state",
    }
}

/// The span in the largest unit that tells it exactly.
fn span_text(span: Seconds) -> String {
    for (length, name) in [(86_400, "days"), (3_600, "hours"), (60, "minutes")] {
        if let (Some(count), Some(0)) = (span.0.checked_div(length), span.0.checked_rem(length)) {
            return format!("{count} {name}");
        }
    }
    format!("{} seconds", span.0)
}

fn effect_names<F: Effect>(effects: &[F]) -> String {
    effects.iter().map(|effect| effect.text()).collect::<Vec<_>>().join(", ")
}
