export const pageStyle = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 0.3rem; }
.pictures { display: flex; flex-wrap: wrap; gap: 0.8rem; align-items: flex-end; }
.case { border: 1px solid #8885; border-radius: 4px; padding: 0.4rem; display: flex; flex-wrap: wrap; gap: 0.4rem; align-items: flex-end; }
.case small, .pictures small { flex-basis: 100%; }
figure { margin: 0; }
figure img { background: #fff; max-width: 96px; max-height: 96px; display: block; }
figcaption { max-width: 10rem; overflow-wrap: anywhere; font-size: 0.8rem; }
.none { width: 96px; height: 96px; display: grid; place-items: center; border: 1px dashed #8888; font-size: 0.8rem; }
table { border-collapse: collapse; }
th, td { text-align: right; padding: 0.1rem 0.8rem 0.1rem 0; font-variant-numeric: tabular-nums; }
th:first-child { text-align: left; font-weight: normal; }
.bar { height: 0.7rem; background: #58c; }
`
