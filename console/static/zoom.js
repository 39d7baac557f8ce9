// Maps zoom by wheel, pinch and the keys + and -, and move by dragging; maps of one group move together.
const CLOSEST = 0.04;

export function zoomable(maps) {
  const groups = new Map();
  maps.forEach((map) => {
    const whole = map.viewBox.baseVal;
    const view = groups.get(map.dataset.zoom) ?? { maps: [], whole: { x: whole.x, y: whole.y, w: whole.width, h: whole.height } };
    view.now = { ...view.whole };
    view.maps.push(map);
    groups.set(map.dataset.zoom, view);
    listen(map, view);
  });
}

function listen(map, view) {
  const fingers = new Map();
  map.tabIndex = 0;
  map.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(view, Math.exp(event.deltaY * 0.0015), place(map, event));
  }, { passive: false });
  map.addEventListener("keydown", (event) => {
    const step = { "+": 0.8, "=": 0.8, "-": 1.25 }[event.key];
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (step) zoom(view, step, { x: view.now.x + view.now.w / 2, y: view.now.y + view.now.h / 2 });
    else if (way) move(view, way[0] * view.now.w * 0.1, way[1] * view.now.h * 0.1);
    else if (event.key === "0") Object.assign(view.now, view.whole), draw(view);
    else return;
    event.preventDefault();
  });
  map.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, event);
    map.setPointerCapture(event.pointerId);
  });
  map.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const scale = view.now.w / map.clientWidth;
    if (fingers.size === 2) {
      const other = [...fingers.values()].find((finger) => finger.pointerId !== event.pointerId);
      const spread = (finger) => Math.hypot(finger.clientX - other.clientX, finger.clientY - other.clientY) || 1;
      zoom(view, spread(before) / spread(event), place(map, event));
    } else move(view, (before.clientX - event.clientX) * scale, (before.clientY - event.clientY) * scale);
    fingers.set(event.pointerId, event);
  });
  const gone = (event) => fingers.delete(event.pointerId);
  map.addEventListener("pointerup", gone);
  map.addEventListener("pointercancel", gone);
}

function place(map, event) {
  return new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
}

function zoom(view, factor, at) {
  const { now, whole } = view;
  const w = Math.min(Math.max(now.w * factor, whole.w * CLOSEST), whole.w);
  const true_factor = w / now.w;
  now.x = at.x - (at.x - now.x) * true_factor;
  now.y = at.y - (at.y - now.y) * true_factor;
  now.w = w;
  now.h *= true_factor;
  move(view, 0, 0);
}

function move(view, dx, dy) {
  const { now, whole } = view;
  now.x = Math.min(Math.max(now.x + dx, whole.x), whole.x + whole.w - now.w);
  now.y = Math.min(Math.max(now.y + dy, whole.y), whole.y + whole.h - now.h);
  draw(view);
}

function draw({ maps, now }) {
  maps.forEach((map) => map.setAttribute("viewBox", `${now.x} ${now.y} ${now.w} ${now.h}`));
}
