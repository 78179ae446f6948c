// Run in the page: which words are cut off, and which labels of the map lie on each other.
globalThis.readable = (() => {
  const SLACK = 1.5; // pixels: letters are laid out in fractions of one

  /** What clips `element` along an axis, from inside; null where one can scroll to it or nothing does. */
  function clip(element, axis) {
    for (let box = element; box && box !== document.documentElement; box = box.parentElement) {
      const style = getComputedStyle(box);
      if (style.display === "inline" || style.display === "contents") continue;
      const overflow = style[axis === "x" ? "overflowX" : "overflowY"];
      if (overflow === "auto" || overflow === "scroll") return null;
      if (overflow === "hidden" || overflow === "clip") return box.getBoundingClientRect();
    }
    return axis === "x" ? { left: 0, right: innerWidth } : null;
  }

  const forEars = (element) => element.closest(".for-ears, .skip, svg, [data-crowded-out], option") !== null;

  function cutOff() {
    const found = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!node.data.trim() || forEars(element) || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const [x, y] = [clip(element, "x"), clip(element, "y")];
      for (const word of range.getClientRects()) {
        const beside = x && (word.left < x.left - SLACK || word.right > x.right + SLACK);
        const below = y && (word.top < y.top - 4 || word.bottom > y.bottom + 4); // a line is higher than its letters
        if (word.width > 0 && (beside || below)) found.add(`${element.className || element.tagName}: ${node.data.trim().slice(0, 60)}`);
      }
    }
    const wide = document.scrollingElement.scrollWidth;
    if (wide > innerWidth) found.add(`the page is ${wide} wide, the screen ${innerWidth}`);
    for (const panel of document.querySelectorAll("[role=tabpanel]"))
      if (panel.scrollWidth > panel.clientWidth + SLACK) found.add(`the tab's page is ${panel.scrollWidth} wide, its place ${panel.clientWidth}`);
    return [...found];
  }

  /** Names on the canvas of dogs: each dog's button says where its own stands, from the button's middle. */
  function dogNames() {
    return [...document.querySelectorAll("[data-testid^=dog-marker-][data-name]")].map((button) => {
      const [dx, dy, width, height] = button.dataset.name.split(" ").map(Number);
      const sign = button.getBoundingClientRect();
      const [x, y] = [sign.left + sign.width / 2 + dx, sign.top + sign.height / 2 + dy];
      return [button.dataset.testid, { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2, width }];
    });
  }

  function onEachOther() {
    const labels = [...document.querySelectorAll("[data-map-label]:not([data-crowded-out])")];
    const boxes = [...labels.map((label) => [label.textContent, label.getBoundingClientRect()]), ...dogNames()].filter(([, box]) => box.width > 0);
    const pairs = [];
    for (const dock of document.querySelectorAll(".dock")) {
      const q = dock.getBoundingClientRect();
      for (const [a, p] of boxes) if (p.left + 1 < q.right && q.left + 1 < p.right && p.top + 1 < q.bottom && q.top + 1 < p.bottom) pairs.push(`${a} / dock ${dock.title}`);
    }
    for (const [i, [a, p]] of boxes.entries())
      for (const [b, q] of boxes.slice(i + 1))
        if (p.left + 1 < q.right && q.left + 1 < p.right && p.top + 1 < q.bottom && q.top + 1 < p.bottom) pairs.push(`${a} / ${b}`);
    return [pairs, boxes.length];
  }

  const frame = () => new Promise((done) => requestAnimationFrame(done));

  /** After two frames what follows a change of size or words has been asked for; two after the last, labels are there. */
  async function look() {
    for (let still = 0; still < 2; still += 1) {
      await frame();
      if (document.querySelector("[data-labels-due]")) still = -1;
    }
    const [pairs, labels] = onEachOther();
    return { "cut off": cutOff(), "on each other": pairs, labels };
  }

  return { look };
})();
