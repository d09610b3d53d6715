// The way of a process, and how far along it is.

export function ProgressLine({ steps, place, label }: { steps: string[]; place: number; label: string }) {
  return (
    <ol class="progress-line" aria-label={label}>
      {steps.map((step, index) => (
        <li key={step} class={index < place ? "is-done" : undefined} aria-current={index === place ? "step" : undefined}>
          {step}
        </li>
      ))}
    </ol>
  );
}
