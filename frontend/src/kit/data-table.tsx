// A table of things that are all here: sorted by a tap on a heading, filtered by a text, chosen by boxes.
// On a phone each row becomes a card. For longer lists there is endless-list.ts.

import {
  type ColumnDef,
  type RowData,
  columnFilteringFeature,
  createFilteredRowModel,
  createSortedRowModel,
  filterFn_includesString,
  globalFilteringFeature,
  rowSelectionFeature,
  rowSortingFeature,
  sortFn_alphanumeric,
  tableFeatures,
  useTable,
} from "@tanstack/preact-table";
import type { ComponentChildren } from "preact";

import { t } from "../texts/texts";

const features = tableFeatures({
  columnFilteringFeature,
  globalFilteringFeature,
  filteredRowModel: createFilteredRowModel(),
  filterFns: { includesString: filterFn_includesString },
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { alphanumeric: sortFn_alphanumeric },
  rowSelectionFeature,
});

export interface Column<T> {
  id: string;
  /** Its heading. */
  name: string;
  /** What it is sorted and filtered by. */
  value: (row: T) => string | number;
  /** What is shown; the value where it is not told. */
  show?: (row: T) => ComponentChildren;
  isNumber?: boolean;
}

interface Props<T> {
  id: string;
  /** What the table is, for people who do not see it. */
  caption: string;
  rows: readonly T[];
  columns: readonly Column<T>[];
  /** What a row is called, for the box that chooses it. */
  nameOf: (row: T) => string;
  /** What can be done with the chosen rows; without it there are no boxes. */
  actions?: (chosen: T[], clear: () => void) => ComponentChildren;
}

const ARIA_SORT = { asc: "ascending", desc: "descending" } as const;

export function DataTable<T extends RowData & { id: string }>({ id, caption, rows, columns, nameOf, actions }: Props<T>) {
  const table = useTable({
    features,
    data: rows as T[],
    columns: columns.map(
      ({ id: column, name, value }): ColumnDef<typeof features, T> => ({ id: column, header: name, accessorFn: value, sortFn: "alphanumeric", filterFn: "includesString" }),
    ),
    getRowId: (row) => row.id,
    enableSortingRemoval: false,
    globalFilterFn: "includesString",
  });
  const shown = table.getRowModel().rows;
  const chosen = table.getSelectedRowModel().rows.map((row) => row.original);
  const isAll = table.getIsAllRowsSelected();
  return (
    <div class="data-table" id={id}>
      <div class="table-tools">
        <input
          type="search"
          aria-label={t("table.filter")}
          placeholder={t("table.filter")}
          aria-controls={`${id}-table`}
          onInput={(event) => table.setGlobalFilter(event.currentTarget.value)}
        />
        <p class="note" role="status">
          {t("table.count", { count: shown.length })}
          {chosen.length > 0 && ` · ${t("table.chosen", { count: chosen.length })}`}
        </p>
        {actions && chosen.length > 0 && <div class="actions">{actions(chosen, () => table.resetRowSelection(true))}</div>}
      </div>
      <table id={`${id}-table`}>
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {actions && (
              <th scope="col" class="choice-cell">
                <input
                  type="checkbox"
                  aria-label={t("table.choose_all")}
                  checked={isAll}
                  indeterminate={table.getIsSomeRowsSelected() && !isAll}
                  onClick={table.getToggleAllRowsSelectedHandler()}
                />
              </th>
            )}
            {columns.map(({ id: column, name, isNumber }) => {
              const sorted = table.getColumn(column)?.getIsSorted() || null;
              return (
                <th key={column} scope="col" class={isNumber ? "number" : undefined} aria-sort={sorted ? ARIA_SORT[sorted] : undefined}>
                  <button type="button" class="sort" onClick={() => table.getColumn(column)?.toggleSorting()}>
                    {name}
                    <span aria-hidden="true">{sorted === "asc" ? " ↑" : sorted === "desc" ? " ↓" : ""}</span>
                  </button>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row.id} aria-selected={actions ? row.getIsSelected() : undefined}>
              {actions && (
                <td class="choice-cell">
                  <input type="checkbox" aria-label={t("table.choose", { name: nameOf(row.original) })} checked={row.getIsSelected()} onClick={row.getToggleSelectedHandler()} />
                </td>
              )}
              {columns.map(({ id: column, name, value, show, isNumber }) => (
                <td key={column} class={isNumber ? "number" : undefined} data-name={name}>
                  {show ? show(row.original) : value(row.original)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length === 0 && <p class="note">{t("table.empty")}</p>}
    </div>
  );
}
