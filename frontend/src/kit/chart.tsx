// Numbers over time, drawn by uPlot, with the same numbers as a table for people who do not see the drawing.
// The library and its style sheet are loaded when a chart is shown.

import { useEffect, useRef } from "preact/hooks";

import { locale } from "../lib/language";
import { t } from "../texts/texts";

export interface Series {
  name: string;
  /** One for each day; null where there is none. */
  values: readonly (number | null)[];
}

interface Props {
  /** What it shows. */
  caption: string;
  /** Days, such as "2026-12-01". */
  days: readonly string[];
  series: readonly Series[];
  /** How a number is told. */
  show: (value: number) => string;
}

const COLOURS = ["--accent", "--pine", "--ink-soft"];
const HEIGHT = 220;

const dayText = (day: string) => new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));

export function Chart({ caption, days, series, show }: Props) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const target = place.current;
    if (target === null) return;
    let end = () => {};
    let isGone = false;
    void Promise.all([import("uplot"), import("uplot/dist/uPlot.min.css")]).then(([{ default: Plot }]) => {
      if (isGone) return;
      const style = getComputedStyle(target);
      const colour = (name: string) => style.getPropertyValue(name).trim();
      const axis = { stroke: colour("--ink-soft"), grid: { stroke: colour("--line") }, ticks: { stroke: colour("--line") } };
      const size = () => ({ width: target.clientWidth, height: HEIGHT });
      const plot = new Plot(
        {
          ...size(),
          // The table tells them.
          legend: { show: false },
          cursor: { show: false },
          axes: [{ ...axis, values: (_, ticks) => ticks.map((tick) => new Intl.DateTimeFormat(locale(), { month: "numeric", day: "numeric", timeZone: "UTC" }).format(tick * 1000)) }, { ...axis, size: 72, values: (_, ticks) => ticks.map(show) }],
          series: [{}, ...series.map(({ name }, index) => ({ label: name, stroke: colour(COLOURS[index % COLOURS.length] ?? "--accent"), width: 2 }))],
        },
        [days.map((day) => Date.parse(`${day}T00:00:00Z`) / 1000), ...series.map(({ values }) => [...values])],
        target,
      );
      const observer = new ResizeObserver(() => plot.setSize(size()));
      observer.observe(target);
      end = () => {
        observer.disconnect();
        plot.destroy();
      };
    });
    return () => {
      isGone = true;
      end();
    };
  }, [days, series]);
  return (
    <figure class="chart">
      <figcaption>{caption}</figcaption>
      <div class="chart-place" ref={place} aria-hidden="true" />
      <ul class="chart-names" aria-hidden="true">
        {series.map(({ name }, index) => (
          <li key={name} class={`chart-name-${index % COLOURS.length}`}>
            {name}
          </li>
        ))}
      </ul>
      <details>
        <summary>{t("chart.as_table")}</summary>
        <table class="numbers">
          <caption class="visually-hidden">{caption}</caption>
          <thead>
            <tr>
              <th scope="col">{t("chart.day")}</th>
              {series.map(({ name }) => (
                <th key={name} scope="col" class="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.map((day, index) => (
              <tr key={day}>
                <th scope="row">{dayText(day)}</th>
                {series.map(({ name, values }) => {
                  const value = values[index] ?? null;
                  return (
                    <td key={name} class="number">
                      {value === null ? "–" : show(value)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
