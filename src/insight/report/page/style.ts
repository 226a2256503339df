/** How the page looks. */

const LIGHT = `--page:#f7f7f5;--sheet:#fff;--ink:#1d2329;--muted:#606972;--line:#e4e6e8;--track:#eceef0;
--accent:#1f66ad;--soft:#a9c8e8;--computing:#1f66ad;--core:#e5a432;--blocked:#cc7ba6;--unknown:#9aa4ad;
--idle:#eef0f1;--failed:#c8401b;--line-0:#1f66ad;--line-1:#d08a17;--line-2:#b4588b;--limit:#606972;
--phase-0:#dfe4e9;--phase-1:#eef1f3;--memory:#8a6b4d;--network:#2f9080;--scheduler:#777cb4;
--coordinator:#56606a;--other-run:#c3c9ce;--tasks-0:#24737f;--tasks-1:#86bdc4;--tasks-2:#51979f;--around:#b3bbc1`;
const DARK = `--page:#13171b;--sheet:#1a1f24;--ink:#e6e9ec;--muted:#9aa5ae;--line:#2c343b;--track:#293037;
--accent:#6fadeb;--soft:#34597f;--computing:#5b9ce0;--core:#e9b65a;--blocked:#d48fb6;--unknown:#7d8891;
--idle:#242a30;--failed:#f0744f;--line-0:#6fadeb;--line-1:#e9b65a;--line-2:#d48fb6;--limit:#9aa5ae;
--phase-0:#323b44;--phase-1:#262e35;--memory:#b8977a;--network:#58b9a8;--scheduler:#9a9fd6;
--coordinator:#87929c;--other-run:#4a545d;--tasks-0:#4fa6b3;--tasks-1:#2f6670;--tasks-2:#3f8791;--around:#56616a`;

export const STYLE = `
:root{color-scheme:light;${LIGHT}}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${DARK}}}
:root[data-theme=dark]{color-scheme:dark;${DARK}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);
font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;
-webkit-text-size-adjust:100%}
main{max-width:1120px;margin:0 auto;padding:40px 32px 72px}
header{display:flex;justify-content:space-between;align-items:center;gap:16px;color:var(--muted);font-size:13px}
button{font:inherit;font-size:13px;color:var(--muted);background:var(--sheet);border:1px solid var(--line);
border-radius:6px;padding:3px 11px;cursor:pointer}
button:hover{color:var(--ink);border-color:var(--muted)}
button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
h1{font-size:30px;line-height:1.25;font-weight:600;letter-spacing:-.01em;margin:22px 0 10px;max-width:34em;text-wrap:balance;
overflow-wrap:anywhere}
h2{font-size:18px;line-height:1.3;font-weight:600;margin:0 0 14px}
h3{font-size:14px;font-weight:600;margin:30px 0 4px}
p{margin:0 0 8px}
.lead{color:var(--muted);margin:0 0 28px;overflow-wrap:anywhere}
.note{color:var(--muted);font-size:13.5px;margin:-8px 0 14px;max-width:70em}
section{background:var(--sheet);border:1px solid var(--line);border-radius:10px;padding:24px 28px 26px;margin:0 0 20px}
.stats{display:grid;grid-template-columns:repeat(auto-fit,minmax(104px,1fr));gap:18px 22px;margin:0 0 28px;padding:0}
.stats div{border-top:2px solid var(--line);padding-top:10px}
.stats dt{color:var(--muted);font-size:13px}
.stats dd{margin:0;font-size:20px;font-weight:600;font-variant-numeric:tabular-nums}
.keep{white-space:nowrap}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
th{text-align:left;font-weight:500;color:var(--muted);font-size:13px;white-space:nowrap}
th,td{padding:7px 18px 7px 0;border-bottom:1px solid var(--line);vertical-align:top}
tr>:last-child{padding-right:0}
tbody tr:last-child td{border-bottom:0}
td{overflow-wrap:break-word}
.breaks{overflow-wrap:anywhere;min-width:9em}
.number{text-align:right;white-space:nowrap}
th button{border:0;background:none;padding:0;color:inherit;font-size:13px;font-weight:500}
th[aria-sort] button{color:var(--accent)}
th[aria-sort=ascending] button::after{content:" ↑"}
th[aria-sort=descending] button::after{content:" ↓"}
.meter{display:block;height:8px;min-width:90px;border-radius:4px;background:var(--track);overflow:hidden;margin-top:7px}
.meter i{display:block;height:100%;background:var(--accent)}
.bar{display:block;width:100%;height:14px;border-radius:3px}
.big{height:26px;border-radius:5px;margin:0 0 14px}
td .bar{min-width:120px;margin-top:4px}
.advice{list-style:none;margin:0;padding:0;counter-reset:advice}
.advice li{display:grid;grid-template-columns:1fr 260px;gap:4px 32px;padding:14px 0;border-bottom:1px solid var(--line)}
.advice li:first-child{padding-top:0}
.advice li:last-child{border-bottom:0;padding-bottom:0}
.advice b{font-weight:600}
.advice p{color:var(--muted);margin:2px 0 0}
.gain{text-align:right;font-variant-numeric:tabular-nums}
.gain b{color:var(--accent);font-size:18px}
.gain svg{display:block;width:100%;height:8px;border-radius:4px;margin:6px 0 4px}
.gain small{color:var(--muted);font-size:13px}
.legend{list-style:none;margin:0 0 10px;padding:0;display:flex;flex-wrap:wrap;gap:4px 20px;color:var(--muted);font-size:13px}
.legend i,.dot{display:inline-block;width:11px;height:11px;border-radius:3px;margin-right:7px;background:currentColor;
vertical-align:-1px}
.legend .line{background:currentColor;height:3px;vertical-align:4px;width:16px}
.legend .limit{height:0;border-top:2px dashed;background:none;vertical-align:4px;width:16px}
.legend .bar-idle{outline:1px solid var(--line)}
.chart{position:relative;padding-left:104px;padding-right:14px;margin-bottom:12px}
.chart>svg{display:block;overflow:visible}
.plot{overflow:hidden}
text{fill:var(--muted);font-size:12px;font-variant-numeric:tabular-nums}
.label{text-anchor:end}
.tick{text-anchor:middle}
.phase-name{fill:var(--ink)}
.grid{stroke:var(--line);stroke-width:1}
.line{fill:none;stroke-width:1.75;stroke-linejoin:round;vector-effect:non-scaling-stroke}
.limit{fill:none;stroke:currentColor;stroke-width:1.25;stroke-dasharray:5 4;vector-effect:non-scaling-stroke;color:var(--limit)}
.line-0{stroke:var(--line-0);color:var(--line-0)}
.line-1{stroke:var(--line-1);color:var(--line-1)}
.line-2{stroke:var(--line-2);color:var(--line-2)}
.line-core{stroke:var(--core);color:var(--core)}
.line-blocked{stroke:var(--line-2);color:var(--line-2)}
.line-memory{stroke:var(--memory);color:var(--memory)}
.line-other{stroke:var(--muted);color:var(--muted)}
.limit-0{color:var(--line-0)}
.limit-1{color:var(--line-1)}
.bar-cuts{fill:none;stroke:var(--sheet);stroke-width:1;vector-effect:non-scaling-stroke}
.phase-0{fill:var(--phase-0);color:var(--phase-0)}
.phase-1{fill:var(--phase-1);color:var(--phase-1)}
${[
  'computing',
  'core',
  'blocked',
  'unknown',
  'idle',
  'failed',
  'memory',
  'network',
  'scheduler',
  'coordinator',
  'other-run',
  'tasks-0',
  'tasks-1',
  'tasks-2',
  'around',
]
  .map((name) => `.bar-${name}{fill:var(--${name});color:var(--${name})}`)
  .join('\n')}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:6px 24px;margin:0;font-size:14px}
.facts dt{color:var(--muted)}
.facts dd{margin:0;overflow-wrap:anywhere}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:20px}
details{margin-top:14px}
summary{cursor:pointer;color:var(--muted);font-size:13.5px}
details[open] summary{margin-bottom:10px}
.tools{display:none;gap:6px;margin:-6px 0 12px;flex-wrap:wrap;align-items:center}
.tools span{color:var(--muted);font-size:13px;margin-left:8px}
.js .tools{display:flex}
header button{display:none}
.js header button{display:block}
#tip{position:fixed;z-index:2;pointer-events:none;background:var(--ink);color:var(--page);font-size:12.5px;line-height:1.45;
border-radius:6px;padding:8px 11px;max-width:340px;white-space:pre-line;overflow-wrap:anywhere;box-shadow:0 4px 16px #0003}
#tip[hidden]{display:none}
.cursor,.range{position:absolute;top:0;bottom:26px;pointer-events:none;display:none}
.cursor{width:1px;background:var(--muted)}
.range{background:var(--accent);opacity:.2}
footer{color:var(--muted);font-size:13px;margin-top:28px}
@media (max-width:760px){
main{padding:24px 14px 48px}
section{padding:20px 16px}
h1{font-size:24px}
.pair,.advice li{grid-template-columns:1fr}
.pair{gap:0}
.gain{text-align:left}
.chart{padding-left:84px;padding-right:18px}
.ticks :nth-child(even),.tight{display:none}
.facts{grid-template-columns:1fr;gap:0}
.facts dd{margin-bottom:8px}
}
/* A row below the other: columns would be cut off, or a word wide. */
@media (max-width:600px){
.sortable,.sortable tbody{display:block}
.sortable thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.sortable tr{display:flex;flex-wrap:wrap;gap:2px 20px;padding:10px 0;border-bottom:1px solid var(--line)}
.sortable tr:last-child{border-bottom:0}
.sortable td{padding:0;border:0;text-align:left;min-width:0;overflow-wrap:anywhere}
.sortable td:empty{display:none}
.sortable td:first-child,.sortable td:has(svg,.meter){flex:1 0 100%}
.sortable td:first-child{font-weight:600}
.sortable td[data-name]::before{content:attr(data-name) " ";color:var(--muted);font-size:13px}
.sortable td:has(svg,.meter)::before{display:block}
.sortable .meter,.sortable .bar{margin:4px 0 2px}
.sortable .keep{white-space:normal}
.stats{grid-template-columns:repeat(auto-fit,minmax(88px,1fr))}
}
@media print{
:root,:root[data-theme=dark],:root:not([data-theme=light]){color-scheme:light;${LIGHT};--page:#fff}
body{font-size:12px;-webkit-print-color-adjust:exact;print-color-adjust:exact}
main{max-width:none;padding:0}
table,th,th button{font-size:11px}
th,td{padding-right:10px}
td .bar{min-width:90px}
section{border:0;padding:0;margin-bottom:24px}
.chart,tr,.advice li{break-inside:avoid}
h2,h3,thead{break-after:avoid}
.tools,header button{display:none!important}
}
`;
