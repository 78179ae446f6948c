(() => {
  const $ = (id) => document.getElementById(id), COLOURS = ["#0f766e", "#b45309", "#6d28d9", "#be185d", "#1d4ed8", "#4d7c0f"];
  const both = ([zh, en]) => `<span class="zh">${escapeText(zh)}</span><span class="en">${escapeText(en)}</span>`;
  const escapeText = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
  let run = null, chosen = false, told = 0, truth = 0, metre = 1, trails = {}, zero = null;

  async function json(path) { const answer = await fetch(path); if (!answer.ok) throw new Error(path); return answer.json(); }

  async function choose(known) {
    const options = known.map((each) => each.key).join();
    if ($("run").dataset.known !== options) {
      $("run").dataset.known = options;
      $("run").innerHTML = known.map((each) => `<option>${escapeText(each.key)}</option>`).join("");
    }
    const wanted = chosen ? known.find((each) => each.key === $("run").value) : known[0];
    if (!wanted || (run && wanted.key === run.key)) return;
    run = wanted; told = truth = 0; trails = {}; zero = null;
    $("run").value = run.key;
    $("name").innerHTML = both([run.name.zh, run.name.en]);
    $("told").innerHTML = "";
    $("clock").textContent = "";
    badge("walking", "");
    $("ground").innerHTML = await (await fetch(`/ground?run=${encodeURIComponent(run.key)}`)).text();
    metre = $("ground").querySelector("svg").viewBox.baseVal.width / 100;
  }

  function badge(word, look) { $("verdict").innerHTML = both(WORDS[word]); $("verdict").className = `badge ${look}`; }

  function tell(line) {
    if ("zero" in line) zero = line.zero;
    if ("passed" in line) badge(line.passed ? "passed" : "failed", line.passed ? "pass" : "fail");
    if (!line.label) return;
    const item = document.createElement("li");
    item.className = line.label.split(":")[0];
    item.innerHTML = `<time>${line.t.toFixed(1)}</time> <code>${escapeText(line.label)}</code> ${escapeText(line.dog ?? "")} <small>${escapeText(line.text ?? "")}</small>`;
    $("told").append(item);
    item.scrollIntoView({ block: "nearest" });
    if (line.at) $("incidents").innerHTML += `<circle cx="${line.at[0]}" cy="${-line.at[1]}" r="${metre * 1.3}" fill="none" stroke="#dc2626" stroke-width="${metre * 0.4}"/>`;
  }

  function arrow([x, y, theta], colour, name) {
    const s = metre * 1.5;
    return `<path d="M${s},0 L${-s * 0.8},${s * 0.7} L${-s * 0.4},0 L${-s * 0.8},${-s * 0.7} Z" fill="${colour}" stroke="#fff" stroke-width="${s / 8}" transform="translate(${x},${-y}) rotate(${(-theta * 180) / Math.PI})"/>` + label(x, y, name, colour);
  }

  function label(x, y, text, colour) {
    return `<text x="${x}" y="${-y - metre * 1.8}" font-size="${metre * 1.6}" text-anchor="middle" fill="${colour}" stroke="#fff" stroke-width="${metre * 0.3}" paint-order="stroke">${escapeText(text)}</text>`;
  }

  function box([x, y, theta], colour, length, width, name) {
    return `<rect x="${-length / 2}" y="${-width / 2}" width="${length}" height="${width}" fill="${colour}" fill-opacity=".75" transform="translate(${x},${-y}) rotate(${(-theta * 180) / Math.PI})"/>` + label(x, y, name, colour);
  }

  function show(rows) {
    const last = rows.at(-1);
    rows.forEach((row) => Object.entries(row.dogs).forEach(([dog, [x, y]]) => (trails[dog] ??= []).push(`${x},${-y}`)));
    $("trails").innerHTML = Object.entries(trails).map(([dog, points], n) => `<polyline points="${points.join(" ")}" fill="none" stroke="${COLOURS[n % COLOURS.length]}" stroke-width="${metre * 0.35}" stroke-opacity=".55"/>`).join("");
    $("truth").innerHTML = [
      ...Object.entries(last.things ?? {}).map(([name, at]) => box(at, "#78350f", 0.8, 0.8, name)),
      ...Object.entries(last.vehicles ?? {}).map(([name, at]) => box(at, "#334155", 4.2, 1.8, name)),
      ...Object.entries(last.people ?? {}).map(([name, [x, y, , doing]]) => `<circle cx="${x}" cy="${-y}" r="${metre * 0.7}" fill="#dc2626"/>` + label(x, y, doing ? `${name} · ${doing}` : name, "#b91c1c")),
      ...Object.entries(last.dogs).map(([dog, at], n) => arrow(at, COLOURS[n % COLOURS.length], dog)),
    ].join("");
    $("clock").textContent = zero === null ? "…" : `${Math.max(0, last.t - zero).toFixed(1)} s`;
  }

  async function step() {
    try {
      await choose(await json("/runs"));
      if (run) {
        const news = await json(`/news?run=${encodeURIComponent(run.key)}&told=${told}&truth=${truth}`);
        told = news.toldAt; truth = news.truthAt;
        news.told.forEach(tell);
        if (news.truth.length) show(news.truth);
      }
    } catch (error) { console.error(error); }
    setTimeout(step, 500);
  }

  $("run").addEventListener("change", () => { chosen = true; });
  step();
})();
