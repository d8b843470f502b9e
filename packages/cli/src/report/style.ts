/** The style sheet of the report: one column on a phone, two where there is room; light and dark. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #fcfcfb; --card: #ffffff; --ink: #1d2327; --quiet: #5b656d; --rule: #dfe3e6; --accent: #0a6ea8;
  --warning: #8a5200; --error: #b3261e; --good: #1b6e3c;
  --series-1: #0072b2; --series-2: #c4500a; --series-3: #00805e; --series-4: #a8457f;
  --series-5: #946200; --series-6: #5b6fd6; --series-7: #7a5195; --series-8: #5f6368;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #14181b; --card: #1c2226; --ink: #e8ecee; --quiet: #9fabb3; --rule: #343d43; --accent: #6cb8e6;
    --warning: #f0b45c; --error: #ff8a80; --good: #7fd6a0;
    --series-1: #56b4e9; --series-2: #ff9e64; --series-3: #4fd1a5; --series-4: #f0a6ca;
    --series-5: #f5c451; --series-6: #9aa8ff; --series-7: #c3a6ff; --series-8: #bdc1c6;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 76rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif;
}
h1 { margin: 0; font-size: 1.6rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 2.25rem 0 .75rem; font-size: 1.15rem; }
h3 { margin: 0 0 .25rem; font-size: 1rem; font-weight: 600; }
p { margin: .35rem 0; max-width: 70ch; }
.quiet { color: var(--quiet); }
.good { color: var(--good); font-weight: 600; }
.facts { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0 0; padding: 0; list-style: none; }
.facts li, .card { background: var(--card); border: 1px solid var(--rule); border-radius: .5rem; }
.facts li { padding: .5rem .9rem; }
.facts b { display: block; font-size: 1.2rem; font-variant-numeric: tabular-nums; }
.grid { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); }
.gallery { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(6rem, 1fr)); }
.card { padding: .8rem .9rem; min-width: 0; }
.card svg { display: block; width: 100%; height: auto; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem .9rem; margin: .3rem 0 0; padding: 0; list-style: none; font-size: .85rem; }
.legend i { display: inline-block; width: .8rem; height: .8rem; margin-right: .35rem; border-radius: .2rem; vertical-align: -.08rem; }
figure { margin: 0 0 1rem; }
figure img { display: block; max-width: 100%; height: auto; border: 1px solid var(--rule); border-radius: .25rem; background: #fff; }
figcaption { margin-top: .25rem; font-size: .9rem; color: var(--quiet); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; }
td.number, th.number { text-align: right; white-space: nowrap; }
th, td { overflow-wrap: anywhere; }
.values { width: 100%; }
.values th { width: 45%; font-weight: 500; }
.finding { margin: 0 0 .6rem; padding: .5rem .9rem; border-left: .3rem solid var(--quiet); background: var(--card); }
.finding.warning { border-color: var(--warning); }
.finding.error { border-color: var(--error); }
code { font: .9em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.timeline { display: block; width: 100%; height: auto; }
@media print {
  @page { margin: 14mm; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  .grid { grid-template-columns: 1fr 1fr; }
  .scroll { overflow: visible; }
  .card, .finding, figure, tr, .facts li { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  figure img { max-height: 22cm; }
}
`

/** The colours of the style sheet in light surroundings, by the names of its variables. */
export const lightColours: Readonly<Record<string, string>> = Object.fromEntries(
  [...style.slice(0, style.indexOf('@media')).matchAll(/(--[\w-]+): (#\w+)/g)].map(([, name, value]) => [
    name,
    value,
  ]),
)
