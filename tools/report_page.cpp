// tools/report_page.cpp -- style, program and data in one page.
#include "tools/report_page.h"

#include <nlohmann/json.hpp>

#include "tools/roofline_chart.h"

namespace heddle::tools {
namespace {

constexpr const char* style = R"css(
body { font: 14px/1.45 system-ui, sans-serif; color: #222; background: #fff; margin: 2em auto; max-width: 1180px; padding: 0 1em; }
h1 { font-size: 22px; margin: 0; } h2 { font-size: 18px; margin: 2.2em 0 .3em; border-top: 1px solid #ccc; padding-top: 1em; }
h3 { font-size: 14px; margin: 1.4em 0 .4em; }
.note { color: #666; } pre { margin: .4em 0; white-space: pre-wrap; } .bad { color: #b3261e; } .stale { color: #9a6700; }
table { border-collapse: collapse; } td, th { padding: 2px 10px 2px 0; text-align: left; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.bar { display: inline-block; height: 10px; background: #4472b8; }
svg.curve { width: 100%; height: auto; } .trial { cursor: pointer; } .trial:hover { stroke: #000; stroke-width: 2; }
#tip { position: fixed; display: none; max-width: 620px; background: #fff; border: 1px solid #888; padding: 6px 9px; font-size: 12px;
  box-shadow: 0 2px 8px #0003; pointer-events: none; z-index: 2; overflow-wrap: anywhere; }
.code { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1.3fr); gap: 12px; }
.code > div { font: 12px/1.45 ui-monospace, monospace; border: 1px solid #ddd; overflow: auto; max-height: 640px; padding: 6px 0; }
.line { white-space: pre; padding: 0 8px; min-height: 1.45em; } .line[data-loops], .line[data-loop] { cursor: default; }
.near { background: #fff3c4; } .here { background: #ffd866; }
)css";

constexpr const char* program = R"js(
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const tip = document.getElementById('tip');

function time(s) {
    for (const [unit, size] of [['s', 1], ['ms', 1e-3], ['us', 1e-6], ['ns', 1e-9]])
        if (s >= size || unit === 'ns') return (s / size).toPrecision(3) + ' ' + unit;
}
function make(parent, name, attributes, text) {
    const svg = parent.namespaceURI === 'http://www.w3.org/2000/svg' || name === 'svg';
    const node = svg ? document.createElementNS('http://www.w3.org/2000/svg', name) : document.createElement(name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    if (text !== undefined) node.textContent = text;
    parent.appendChild(node);
    return node;
}
function describe(trial, number) {
    tip.replaceChildren();
    const what = trial.status === 'measured' ? time(trial.seconds) + ' \u00b1 ' + time(trial.spread) : trial.status;
    make(tip, 'b', {}, 'trial ' + number + ': ' + what);
    make(tip, 'div', { class: 'note' }, new Date(trial.time * 1000).toLocaleString() + ', ' + trial.versions);
    if (trial.reason) make(tip, 'div', { class: 'bad' }, trial.reason);
    make(tip, 'div', {}, trial.schedule);
}
function follow(event) {
    tip.style.display = 'block';
    tip.style.left = Math.max(4, Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 10)) + 'px';
    tip.style.top = Math.max(4, Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 10)) + 'px';
}

// Every trial by its number, on a logarithmic scale, and the best so far as steps; failures stand in a row above.
function curve(section, key) {
    const good = key.trials.filter(t => t.status === 'measured').map(t => t.seconds);
    const width = 1120, height = 340, left = 70, right = 16, top = 44, bottom = 34;
    const svg = make(section, 'svg', { class: 'curve', viewBox: `0 0 ${width} ${height}`, 'font-size': 11 });
    const least = good.length ? Math.min(...good) : 1e-6, most = good.length ? Math.max(...good) : 1e-5;
    const low = Math.log10(least) - 0.05, high = Math.max(Math.log10(most) + 0.05, low + 0.2);
    const x = i => left + (i + 0.5) / key.trials.length * (width - left - right);
    const y = s => top + (high - Math.log10(s)) / (high - low) * (height - top - bottom);
    for (let e = Math.floor(low); e <= high; ++e)
        for (const m of high - low < 1.5 ? [1, 2, 5] : [1]) {
            const s = m * 10 ** e;
            if (Math.log10(s) < low || Math.log10(s) > high) continue;
            make(svg, 'line', { x1: left, x2: width - right, y1: y(s), y2: y(s), stroke: '#ddd' });
            make(svg, 'text', { x: left - 6, y: y(s) + 4, 'text-anchor': 'end', fill: '#555' }, time(s));
        }
    make(svg, 'text', { x: left - 6, y: top - 18, 'text-anchor': 'end', fill: '#b3261e' }, 'failed');
    make(svg, 'text', { x: (left + width) / 2, y: height - 8, 'text-anchor': 'middle', fill: '#555' }, 'trial');
    let best = Infinity, path = '';
    key.trials.forEach((t, i) => {
        if (t.status !== 'measured' || t.seconds >= best) return;
        path += path ? `H${x(i)}V${y(t.seconds)}` : `M${x(i)},${y(t.seconds)}`;
        best = t.seconds;
    });
    if (path) make(svg, 'path', { d: path + `H${width - right}`, fill: 'none', stroke: '#2e7d32', 'stroke-width': 2, class: 'best' });
    key.trials.forEach((t, i) => {
        const failed = t.status !== 'measured';
        const dot = make(svg, 'circle', { class: 'trial', cx: x(i), cy: failed ? top - 22 : y(t.seconds), r: i === key.best ? 6 : 3.5,
            fill: failed ? '#b3261e' : i === key.best ? '#2e7d32' : t.versions === key.versions ? '#4472b8' : '#c8a24a' });
        dot.addEventListener('mousemove', event => { describe(t, i + 1); follow(event); });
        dot.addEventListener('mouseleave', () => tip.style.display = 'none');
    });
}

function failures(section, key) {
    const reasons = new Map();
    for (const t of key.trials) if (t.status !== 'measured') reasons.set(t.reason, (reasons.get(t.reason) || 0) + 1);
    if (!reasons.size) return;
    make(section, 'h3', {}, 'Why trials failed');
    const table = make(section, 'table', {});
    for (const [reason, count] of [...reasons].sort((a, b) => b[1] - a[1])) {
        const row = make(table, 'tr', {});
        make(row, 'td', { class: 'number' }, count);
        make(row, 'td', {}, reason);
    }
}

function knobs(section, key) {
    if (!key.knobs.length) return;
    make(section, 'h3', {}, 'What decides the time: share of the variance of its logarithm that each choice explains alone');
    const table = make(section, 'table', { class: 'knobs' });
    for (const knob of key.knobs.slice(0, 15)) {
        const row = make(table, 'tr', {});
        make(row, 'td', {}, knob.knob);
        make(row, 'td', { class: 'number' }, (100 * knob.share).toFixed(0) + ' %');
        make(make(row, 'td', {}), 'span', { class: 'bar', style: `width:${Math.round(240 * knob.share)}px` });
        make(row, 'td', { class: 'note' }, `${knob.values} values, best ${knob.best}`);
    }
}

// A line of the nest lights up the code of its loop, brighter where it is the innermost; a line of code its loop.
function code(section, key) {
    if (!key.code) return;
    make(section, 'h3', {}, 'The fastest schedule: its loop nest, and the ' + key.code.language);
    if (key.code.note) make(section, 'div', { class: 'note' }, key.code.note);
    const box = make(section, 'div', { class: 'code' }), nest = make(box, 'div', {}), lines = make(box, 'div', {});
    const inside = new Map();
    for (const line of key.code.nest) {
        const loops = line.loops.length ? line.loops : line.around.slice(-1);
        for (const loop of line.loops) for (const outer of [loop, ...line.around]) inside.set(outer, (inside.get(outer) || new Set()).add(loop));
        make(nest, 'div', loops.length ? { class: 'line', 'data-loops': loops.join(' ') } : { class: 'line' }, line.text);
    }
    for (const [text, loop] of key.code.lines) make(lines, 'div', loop ? { class: 'line', 'data-loop': loop } : { class: 'line' }, text);
    const clear = () => box.querySelectorAll('.near, .here').forEach(node => node.classList.remove('near', 'here'));
    const mark = (loops, scroll) => {
        clear();
        let first;
        for (const node of nest.children) if (loops.some(l => (node.dataset.loops || '').split(' ').includes(l))) node.classList.add('here');
        for (const node of lines.children) {
            if (!node.dataset.loop) continue;
            if (loops.includes(node.dataset.loop)) { node.classList.add('here'); first = first || node; }
            else if (loops.some(l => inside.get(l) && inside.get(l).has(node.dataset.loop))) node.classList.add('near');
        }
        if (scroll && first) lines.scrollTop = first.offsetTop - lines.offsetTop - 120;
    };
    nest.addEventListener('mouseover', event => { const l = event.target.dataset.loops; if (l) mark(l.split(' '), true); else clear(); });
    lines.addEventListener('mouseover', event => { const l = event.target.dataset.loop; if (l) mark([l], false); else clear(); });
    box.addEventListener('mouseleave', clear);
}

for (const key of data.keys) {
    const section = make(document.getElementById('keys'), 'section', { id: 'k' + key.key });
    make(section, 'h2', {}, key.name + ' on ' + key.target);
    make(section, 'pre', {}, key.definition);
    const best = key.trials[key.best], bad = key.trials.filter(t => t.status !== 'measured').length;
    const line = make(section, 'p', {}, `${key.trials.length} trials, ${bad} failed` + (best ? `, best ${time(best.seconds)}` : ''));
    if (key.speed) line.append(` (${key.speed})`);
    if (best && best.versions !== key.versions) make(line, 'span', { class: 'stale' }, ' stale: ' + best.versions);
    if (best) make(section, 'pre', { class: 'schedule' }, best.schedule);
    curve(section, key);
    failures(section, key);
    knobs(section, key);
    code(section, key);
}
document.body.dataset.drawn = data.keys.length;
)js";

}  // namespace

std::string report_page(const nlohmann::json& data) {
    // A '<' in the data could end the element that holds it.
    std::string text;
    for (const char c : data.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace))
        text += c == '<' ? std::string("\\u003c") : std::string(1, c);
    const auto part = [&](const char* name) {
        return data.contains(name) && data[name].is_string() ? data[name].get<std::string>() : "";
    };
    const std::string title = escaped(part("title")), roofline = part("roofline");
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>" + title +
           "</title>\n<style>" + style + "</style>\n</head>\n<body>\n<h1>" + title + "</h1>\n<div class=\"note\">" +
           escaped(part("database")) + ", " + escaped(part("made")) + "</div>\n" +
           (roofline.empty() ? "" : "<h3>Roofline</h3>\n" + roofline) +
           "<div id=\"keys\"></div>\n<div id=\"tip\"></div>\n<script type=\"application/json\" id=\"data\">" + text +
           "</script>\n<script>" + program + "</script>\n</body>\n</html>\n";
}

}  // namespace heddle::tools
