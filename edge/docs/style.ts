/** The look of /docs: the dashboard's stone, water and copper; a column to read, and a river down the first steps. */
export const STYLE = `:root {
  color-scheme: light dark;
  --ground: #f3f6f5; --paper: #ffffff; --sunk: #e8eeed; --ink: #0f2629; --soft: #4c6366; --line: #d6dfde; --edge: #7b9294;
  --water: #07626c; --water-fill: #2b8a93; --copper: #8f4c0c; --copper-fill: #bf7122; --on-water: #ffffff;
  --sides: clamp(1rem, 4vw, 2.5rem);
  --sans: system-ui, -apple-system, "Segoe UI Variable Text", "Segoe UI", Roboto, "Noto Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Code", "Roboto Mono", Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0b1719; --paper: #112124; --sunk: #182b2e; --ink: #e6efee; --soft: #9fb4b5; --line: #24383b; --edge: #65807f;
    --water: #6fcbd1; --water-fill: #3b9ca5; --copper: #eeb074; --copper-fill: #d18a43; --on-water: #06282c;
  }
}
*, ::before, ::after { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: none; text-size-adjust: none; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 400 1rem/1.6 var(--sans); overflow-wrap: break-word; }
h1, h2, h3, p, ol, ul, pre, table, article { margin: 0; padding: 0; }
h1, h2, h3 { line-height: 1.2; text-wrap: balance; letter-spacing: -0.015em; }
h1 { font-size: clamp(1.8rem, 1.35rem + 2vw, 2.6rem); letter-spacing: -0.03em; font-weight: 650; }
h2 { font-size: 1.4rem; font-weight: 650; margin-top: 3rem; padding-bottom: 0.4rem; border-bottom: 2px solid var(--line); }
h3 { font-size: 1.08rem; font-weight: 650; }
a { color: var(--water); text-underline-offset: 0.2em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
code, pre, textarea, .call, input { font-family: var(--mono); font-size: 0.88rem; }
p code, li p code, .plain code, .turns code, td code { background: var(--sunk); border-radius: 4px; padding: 0.1em 0.3em; }
:focus-visible { outline: 2px solid var(--water); outline-offset: 2px; border-radius: 4px; }
main:focus { outline: none; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: 1rem; top: -4rem; background: var(--water); color: var(--on-water); padding: 0.5rem 1rem; border-radius: 0 0 8px 8px; z-index: 2; }
.skip:focus { top: 0; }

.top { background: var(--paper); border-bottom: 1px solid var(--line); padding: 0.6rem var(--sides); display: flex; flex-wrap: wrap; align-items: center; gap: 0.3rem 1.5rem; }
.mark { display: inline-flex; align-items: center; gap: 0.5rem; font-weight: 650; color: var(--ink); text-decoration: none; padding-block: 0.35rem; }
.mark span { font-weight: 400; color: var(--soft); margin-left: -0.25rem; }
.mark svg { width: 1.6rem; height: 1.6rem; fill: none; stroke-width: 3; stroke-linecap: round; }
.mark path { stroke: var(--water-fill); }
.mark path:first-child { stroke: var(--copper-fill); }
.top nav { display: flex; flex-wrap: wrap; gap: 0 0.25rem; margin-left: -0.6rem; }
.top nav a { padding: 0.55rem 0.6rem; text-decoration: none; color: var(--soft); }
.top nav a:hover { color: var(--ink); }
.top nav [aria-current] { color: var(--water); font-weight: 600; box-shadow: inset 0 -2px var(--water-fill); }

main { max-width: 52rem; margin: 0 auto; padding: clamp(1.75rem, 5vw, 3.5rem) var(--sides) 4rem; display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); }
.lead { font-size: 1.14rem; color: var(--soft); max-width: 40rem; text-wrap: pretty; }
main > p, main > ul { max-width: 44rem; }
footer { border-top: 1px solid var(--line); color: var(--soft); font-size: 0.88rem; padding: 1.25rem var(--sides) 2.5rem; }
footer p { max-width: 52rem; margin: 0 auto; }

pre { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 0.85rem 1rem; overflow-x: auto; line-height: 1.5; tab-size: 2; }

.river { list-style: none; counter-reset: step; display: grid; grid-template-columns: minmax(0, 1fr); }
.river li { counter-increment: step; position: relative; padding: 0 0 2.2rem 3rem; display: grid; gap: 0.75rem; grid-template-columns: minmax(0, 1fr); }
.river li::before { content: counter(step); position: absolute; left: 0; top: -0.2rem; width: 1.9rem; height: 1.9rem; border-radius: 50%; background: var(--water); color: var(--on-water); font-weight: 650; display: grid; place-items: center; font-size: 0.92rem; z-index: 1; }
.river li::after { content: ""; position: absolute; left: calc(0.95rem - 1.5px); top: 1.4rem; bottom: 0.1rem; width: 3px; background: var(--water-fill); border-radius: 2px; }
.river li:last-child { padding-bottom: 0; }
.river li:last-child::before { background: var(--copper); }
.river li:last-child::after { background: linear-gradient(var(--copper-fill), transparent); }

.plain, .turns { padding-left: 1.25rem; display: grid; gap: 0.55rem; grid-template-columns: minmax(0, 1fr); }
.plain li::marker, .turns li::marker { color: var(--water-fill); }

.wide { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; background: var(--paper); }
table { border-collapse: collapse; width: 100%; font-size: 0.94rem; line-height: 1.45; }
th, td { text-align: left; vertical-align: top; padding: 0.55rem 0.9rem; font-weight: 400; }
thead th { font-weight: 600; font-size: 0.84rem; color: var(--soft); background: var(--sunk); }
tbody tr + tr > * { border-top: 1px solid var(--line); }
tbody td { color: var(--soft); }
th small { color: var(--copper); font-size: 0.78rem; }
tr:has(code:target) { background: var(--sunk); }
@media (max-width: 40rem) {
  thead { display: none; }
  table, tbody, tr, tbody th, td { display: block; }
  tbody th { padding-bottom: 0; font-weight: 600; }
  td { padding-block: 0.15rem; }
  tr { padding-block: 0.35rem; }
  tr > * + * { border-top: 0 !important; }
  td:empty { display: none; }
  td[data-head]::before { content: attr(data-head) ": "; font-size: 0.84rem; font-weight: 600; }
  .river li { padding-left: 0; }
  .river h3 { padding-left: 2.6rem; min-height: 1.9rem; }
  .top nav a { padding-inline: 0.45rem; font-size: 0.95rem; }
  .top nav { margin-left: -0.45rem; gap: 0; }
  .river li::after { display: none; }
}

.contents { display: flex; flex-wrap: wrap; gap: 0.2rem 1.1rem; }
.contents a { padding-block: 0.35rem; }
.ops { display: grid; gap: 0.5rem; }
.ops p { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; }
.ops b { font-weight: 600; flex-basis: 100%; }

.op { display: grid; gap: 0.75rem; grid-template-columns: minmax(0, 1fr); padding-block: 1.5rem 1.75rem; }
.op + .op { border-top: 1px solid var(--line); }
.call b { color: var(--on-water); background: var(--water); border-radius: 5px; padding: 0.12rem 0.45rem; font-size: 0.8rem; margin-right: 0.35rem; }
.call .get { color: var(--water); background: none; box-shadow: inset 0 0 0 1.5px var(--water); }
.call code { font-size: 0.98rem; background: none; padding: 0; }
.who, .refusals { color: var(--soft); font-size: 0.94rem; }
.refusals a { display: inline-block; margin-right: 0.5rem; padding-block: 0.15rem; font-family: var(--mono); font-size: 0.82rem; }

.key { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 1rem; display: grid; gap: 0.4rem; }
.key[hidden], .try[hidden] { display: none; }
.key p { font-size: 0.88rem; color: var(--soft); }
label { font-weight: 600; font-size: 0.9rem; }
input, textarea { width: 100%; color: var(--ink); background: var(--ground); border: 1px solid var(--edge); border-radius: 6px; padding: 0.55rem 0.7rem; font-size: 1rem; }
textarea { font-size: 0.88rem; line-height: 1.5; resize: vertical; }
.try summary { cursor: pointer; color: var(--water); font-weight: 600; padding-block: 0.4rem; width: fit-content; }
.try form { display: grid; gap: 0.5rem; background: var(--sunk); border-radius: 8px; padding: 1rem; grid-template-columns: minmax(0, 1fr); }
button { font: 600 1rem var(--sans); color: var(--on-water); background: var(--water); border: 0; border-radius: 8px; padding: 0.6rem 1.1rem; width: fit-content; cursor: pointer; min-height: 2.75rem; }
button:disabled { opacity: 0.6; cursor: default; }
output { display: grid; gap: 0.5rem; grid-template-columns: minmax(0, 1fr); }
output pre { max-height: 24rem; overflow: auto; }
@media print { .top nav, .try, .key, .skip { display: none; } }
`;
