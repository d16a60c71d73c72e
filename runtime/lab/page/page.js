'use strict';
// All text comes from the program under test, so it is put in as text, never as markup.
(() => {
  const lab = JSON.parse(document.getElementById('data').textContent);
  const byId = (id) => document.getElementById(id);
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = visible(text);
    return element;
  };
  // What a terminal would obey is shown as its picture.
  const visible = (text) => String(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, (c) =>
    c === '\u007f' ? '\u2421' : String.fromCharCode(0x2400 + c.charCodeAt(0)));
  const colour = (thread) => `var(--t${thread % 8})`;

  let scenario, run, at = 0, shownFile = -1;

  // ---- Scenarios ----
  const tabs = lab.scenarios.map((one, index) => {
    const tab = make('button', '', one.name.replaceAll('_', ' '));
    tab.type = 'button';
    tab.id = `tab-${index}`;
    tab.setAttribute('role', 'tab');
    tab.setAttribute('aria-controls', 'main');
    tab.addEventListener('click', () => choose(index));
    byId('tabs').append(tab);
    return tab;
  });
  byId('tabs').addEventListener('keydown', (event) => {
    const now = tabs.indexOf(document.activeElement);
    const to = {ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: tabs.length - 1}[event.key];
    if (to === undefined || now < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const next = (to + tabs.length) % tabs.length;
    tabs[next].focus();
    choose(next);
  });

  function choose(index) {
    scenario = lab.scenarios[index];
    tabs.forEach((tab, i) => {
      tab.setAttribute('aria-selected', String(i === index));
      tab.tabIndex = i === index ? 0 : -1;
    });
    byId('main').setAttribute('aria-labelledby', `tab-${index}`);
    byId('says').textContent = visible(scenario.says || scenario.name.replaceAll('_', ' '));
    showCensus();
    byId('races').replaceChildren(...scenario.races.map((race) => make('p', 'remark', race)));
    byId('pictures').replaceChildren(...scenario.pictures.map((picture) => {
      const section = make('section');
      const pre = make('pre', '', picture.text);
      pre.tabIndex = 0;
      section.append(make('h3', '', picture.title), pre);
      return section;
    }));
    // The files that its runs come by, and the lab's own.
    const used = new Set([0, ...scenario.runs.flatMap((one) => one.rows.map((row) => row.file))]);
    [...byId('files').children].forEach((button, i) => { button.hidden = !used.has(i); });
    shownFile = -1;
    play(0);
  }

  // ---- The census ----
  function showCensus() {
    const census = scenario.census;
    byId('census-part').hidden = !census;
    if (!census) return;
    byId('census-title').textContent = visible(census.title);
    document.querySelector('.hint').hidden = census.rows.length < 2;
    const most = Math.max(...census.rows.map((row) => row.runs));
    byId('census').replaceChildren(...census.rows.map((row) => {
      const button = make('button', 'outcome');
      button.type = 'button';
      button.disabled = row.run < 0;
      button.dataset.run = row.run;
      const bar = make('span', 'bar');
      bar.style.setProperty('--share', `${100 * row.runs / most}%`);
      button.append(make('span', 'name', row.outcome || 'done'),
        make('span', 'count', row.runs.toLocaleString('en')), bar);
      button.addEventListener('click', () => play(row.run));
      return button;
    }));
  }

  // ---- A run ----
  function play(index) {
    run = scenario.runs[index];
    for (const button of byId('census').children) {
      button.setAttribute('aria-pressed', String(Number(button.dataset.run) === index));
    }
    byId('ends').replaceChildren(make('span', '', 'It ends so: '), make('b', '', run.outcome || 'done'));
    if (run.sentence) byId('ends').append(make('span', '', ` \u2013 ${run.sentence}`));
    const threads = [...new Set(run.rows.map((row) => row.thread))].sort((a, b) => a - b);
    const column = new Map(threads.map((thread, i) => [thread, i + 2]));
    const section = document.querySelector('.run');
    section.style.setProperty('--threads', Math.max(threads.length, 1));
    section.style.setProperty('--value', scenario.watched ? '6em' : '0px');
    section.classList.toggle('many', threads.length > 6);
    const head = (text, place, shade) => {
      const span = make('span', '', text);
      span.style.gridColumn = place;
      if (shade !== undefined) span.style.color = colour(shade);
      return span;
    };
    byId('heads').replaceChildren(...threads.map((t) => head(run.threads[t], column.get(t), t)),
      ...(scenario.watched ? [head(scenario.watched, threads.length + 2)] : []));
    byId('steps').replaceChildren(...run.rows.map((row, i) => {
      const li = make('li', 'row');
      li.style.setProperty('--colour', colour(row.thread));
      const what = make('span', 'what');
      what.style.gridColumn = column.get(row.thread);
      const phrase = make('span', row.blocked ? 'waits' : '', row.phrase);
      what.append(make('span', 'thread', run.threads[row.thread] + ' '), phrase);
      if (row.remark) what.append(make('span', 'remark', row.remark));
      const value = make('span', 'value', row.value);
      value.style.gridColumn = threads.length + 2;
      li.append(make('span', 'number', row.number), what, value);
      li.addEventListener('click', () => go(i + 1));
      return li;
    }));
    byId('explanation').hidden = !run.explanation;
    byId('explanation').textContent = visible(run.explanation);
    drawCycle(run.cycle);
    byId('printed-part').hidden = !run.rows.some((row) => row.printed);
    byId('again').textContent = run.again;
    byId('slider').max = run.rows.length;
    go(Math.min(1, run.rows.length));
  }

  function go(to) {
    at = Math.max(0, Math.min(run.rows.length, to));
    byId('slider').value = at;
    byId('slider').setAttribute('aria-valuetext', `step ${at} of ${run.rows.length}`);
    byId('where').textContent = `step ${at} of ${run.rows.length}`;
    byId('back').disabled = at === 0;
    byId('forth').disabled = at === run.rows.length;
    [...byId('steps').children].forEach((li, i) => {
      li.classList.toggle('later', i >= at);
      li.classList.toggle('current', i === at - 1);
      if (i === at - 1) {
        li.setAttribute('aria-current', 'step');
        const list = byId('steps');
        if (li.offsetTop < list.scrollTop) list.scrollTop = li.offsetTop;
        const below = li.offsetTop + li.offsetHeight - list.clientHeight;
        if (below > list.scrollTop) list.scrollTop = below;
      } else {
        li.removeAttribute('aria-current');
      }
    });
    const row = run.rows[at - 1];
    byId('now').replaceChildren();
    if (row) {
      const name = make('b', '', run.threads[row.thread]);
      name.style.color = colour(row.thread);
      const place = row.line ? `, line ${row.line} of ${lab.files[row.file]?.name ?? row.place}` : '';
      byId('now').append(name, make('span', '', ` ${row.phrase}${row.time ? ` at ${row.time}` : ''}${place}. `));
      if (row.remark) byId('now').append(make('span', 'remark', `(${row.remark}) `));
      if (row.explanation) byId('now').append(make('span', '', row.explanation + '.'));
    } else {
      byId('now').textContent = 'Before the first step.';
    }
    byId('printed').textContent = visible(run.rows.slice(0, at).map((r) => r.printed || '').join(''));
    showLines();
  }

  // ---- The source ----
  function showFile(file) {
    shownFile = file;
    [...byId('files').children].forEach((button, i) => button.setAttribute('aria-pressed', String(i === file)));
    const lines = lab.files[file].lines.map((text, i) => {
      const line = make('span', 'l', text);
      line.dataset.n = i + 1;
      return line;
    });
    byId('code').replaceChildren(...lines);
  }
  byId('files').replaceChildren(...lab.files.map((file, i) => {
    const button = make('button', '', file.name);
    button.type = 'button';
    button.addEventListener('click', () => { showFile(i); markLines(); });
    return button;
  }));
  if (lab.files.length < 2) byId('files').hidden = true;
  if (lab.files.length === 0) document.querySelector('.source').hidden = true;

  function showLines() {
    if (lab.files.length === 0) return;
    const row = run.rows[at - 1] || run.rows.find((one) => one.file >= 0);
    const wanted = row && row.file >= 0 ? row.file : Math.max(shownFile, 0);
    if (wanted !== shownFile) showFile(wanted);
    markLines();
    const line = row && row.file === shownFile && byId('code').children[row.line - 1];
    if (line) {
      const code = byId('code');
      const top = line.offsetTop - code.clientHeight / 2;
      if (line.offsetTop < code.scrollTop + 20 || line.offsetTop > code.scrollTop + code.clientHeight - 40) {
        code.scrollTop = Math.max(0, top);
      }
    }
  }

  // Where each thread was last seen, and the line of this step.
  function markLines() {
    const lines = byId('code').children;
    for (const line of lines) {
      line.classList.remove('here', 'stands');
      line.querySelectorAll('.who').forEach((who) => who.remove());
    }
    const last = new Map();
    run.rows.slice(0, at).forEach((row) => last.set(row.thread, row));
    for (const [thread, row] of last) {
      const line = row.file === shownFile && lines[row.line - 1];
      if (!line) continue;
      line.classList.add('stands');
      line.style.setProperty('--colour', colour(thread));
      if (row === run.rows[at - 1]) line.classList.add('here');
      const who = make('span', 'who', run.threads[thread]);
      who.style.setProperty('--colour', colour(thread));
      line.append(who);
    }
  }

  // ---- The cycle of a deadlock: thread, lock, thread, lock, around a circle ----
  function drawCycle(cycle) {
    const figure = byId('cycle');
    figure.querySelector('svg')?.remove();
    figure.hidden = cycle.length === 0;
    if (figure.hidden) return;
    const nodes = cycle.flatMap((edge) => edge.lock ?
      [{name: edge.thread, thread: edge.number, says: 'waits for'}, {name: edge.lock, says: 'held by'}] :
      [{name: edge.thread, thread: edge.number, says: 'waits for the end of'}]);
    const ns = 'http://www.w3.org/2000/svg';
    const svg = document.createElementNS(ns, 'svg');
    const draw = (tag, attributes, text) => {
      const element = document.createElementNS(ns, tag);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      if (text !== undefined) element.textContent = visible(text);
      svg.append(element);
      return element;
    };
    const short = (name) => name.length > 16 ? name.slice(0, 7) + '\u2026' + name.slice(-8) : name;
    const radius = Math.max(95, nodes.length * 24), cx = radius + 90, cy = radius + 30;
    svg.setAttribute('viewBox', `0 0 ${2 * cx} ${2 * cy}`);
    svg.setAttribute('role', 'img');
    const sentence = cycle.map((edge) => edge.lock ?
      `${edge.thread} waits for ${edge.lock}, held by ${edge.holder}` :
      `${edge.thread} waits for the end of ${edge.holder}`).join('; ');
    svg.setAttribute('aria-label', visible(sentence));
    const angle = (i) => 2 * Math.PI * i / nodes.length - Math.PI / 2;
    const point = (a) => [cx + radius * Math.cos(a), cy + radius * Math.sin(a)];
    nodes.forEach((node, i) => {
      const gap = Math.min(0.45, Math.PI / nodes.length * 0.42);
      const from = angle(i) + gap, to = angle(i + 1) - gap;
      const [x1, y1] = point(from), [x2, y2] = point(to);
      draw('path', {d: `M${x1},${y1} A${radius},${radius} 0 0 1 ${x2},${y2}`, fill: 'none', stroke: 'currentColor', 'stroke-width': 1.5});
      const t = to + Math.PI / 2, wing = (d) => `${x2 - 10 * Math.cos(t + d)},${y2 - 10 * Math.sin(t + d)}`;
      draw('path', {d: `M${x2},${y2} L${wing(0.4)} L${wing(-0.4)} Z`, fill: 'currentColor'});
      const middle = (from + to) / 2, inner = radius - 14;
      const x = cx + inner * Math.cos(middle);
      draw('text', {class: 'label', x, y: cy + inner * Math.sin(middle) + 4, 'text-anchor': Math.abs(x - cx) < 10 ? 'middle' : x > cx ? 'end' : 'start'}, node.says);
    });
    nodes.forEach((node, i) => {
      const [x, y] = point(angle(i));
      const name = short(visible(node.name)), width = name.length * 8 + 18;
      draw('rect', {x: x - width / 2, y: y - 14, width, height: 28, rx: node.thread === undefined ? 3 : 14, fill: 'var(--card)', stroke: node.thread === undefined ? 'currentColor' : colour(node.thread), 'stroke-width': 2});
      draw('text', {x, y: y + 5, 'text-anchor': 'middle'}, name);
    });
    figure.append(svg);
  }

  // ---- Controls ----
  byId('slider').addEventListener('input', (event) => go(Number(event.target.value)));
  byId('back').addEventListener('click', () => go(at - 1));
  byId('forth').addEventListener('click', () => go(at + 1));
  document.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target === byId('slider')) return;
    if (event.target.closest('pre')) return;
    const to = {ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: run.rows.length}[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  });

  const paragraphs = (kind, texts) => texts.map((text) => {
    const p = make('p');
    p.append(make('span', 'kind', kind + ': '), make('span', '', text));
    return p;
  });
  byId('foot').append(...paragraphs('Notice', lab.notices), ...paragraphs('Try', lab.tries),
    ...paragraphs('Next', lab.next ? [lab.next] : []));
  // On a site (tools/pages) there is an index, and the next lab has a page.
  if (!document.querySelector('.course a').hidden && /^[0-9]{2}_\w+$/.test(lab.next)) {
    const next = make('a', '', lab.next);
    next.href = `${lab.next}.html`;
    byId('foot').lastChild.lastChild.replaceWith(next);
  }
  choose(0);
})();
