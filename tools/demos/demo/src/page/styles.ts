/** The page's style sheet. */
export const styles = `
:root { color-scheme: light dark; --ink: #1a1d21; --soft: #667; --line: #dde; --paper: #fff; --card: #f6f7f9; --accent: #2f6fde; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eaed; --soft: #9aa3ad; --line: #333a42; --paper: #14171a; --card: #1e2226; --accent: #7aa7ff; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 8px; }
h2 { font-size: 1.3rem; margin: 48px 0 4px; }
p { margin: 0 0 16px; max-width: 46em; color: var(--soft); }
.lead { font-size: 1.1rem; color: var(--ink); }
.headline { display: flex; flex-wrap: wrap; gap: 12px; margin: 24px 0 0; }
.headline div { background: var(--card); border-radius: 10px; padding: 10px 16px; display: flex; flex-direction: column-reverse; }
.headline dt { color: var(--soft); font-size: .85rem; }
.headline dd { margin: 0; font-size: 1.35rem; font-weight: 600; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(136px, 1fr)); gap: 14px; }
figure { margin: 0; }
.cards figure { background: var(--card); border-radius: 10px; padding: 10px; }
img { image-rendering: pixelated; display: block; background: #fff; border-radius: 6px; }
.pairs { grid-template-columns: repeat(auto-fill, minmax(210px, 1fr)); }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; }
.image { width: 100%; aspect-ratio: 1; }
.with-reference { display: flex; gap: 8px; align-items: center; }
.reference { width: 32px; height: 32px; flex: none; border: 1px solid var(--line); }
figcaption { font-size: .85rem; line-height: 1.35; margin-top: 8px; overflow-wrap: anywhere; }
.expected { color: var(--soft); }
.mark { background: var(--accent); color: var(--paper); border-radius: 4px; padding: 0 5px; font-size: .75rem; font-weight: 600; }
.progress { grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); }
.progress .image { aspect-ratio: auto; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 20px; margin-top: 24px; }
svg { width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 12px; }
.grid { stroke: var(--line); }
.each { fill: none; stroke: var(--accent); opacity: .3; }
.mean { fill: none; stroke: var(--accent); stroke-width: 2; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 20px; align-items: start; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
caption { text-align: left; font-weight: 600; padding-bottom: 6px; }
th { text-align: left; font-weight: 400; color: var(--soft); vertical-align: top; padding: 3px 12px 3px 0; }
td { padding: 3px 0; overflow-wrap: anywhere; }
tr { border-top: 1px solid var(--line); }
`;
