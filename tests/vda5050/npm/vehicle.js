// A vehicle of npm's vda-5050-lib (Siemens), version 2.0.0, as it comes: node vehicle.js PORT
// It says each order's id and update on its standard output, one JSON a line.
const { AgvController, VirtualAgvAdapter } = require("vda-5050-lib");

const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");
const agv = { manufacturer: "siemens", serialNumber: "001" };
const client = {
  interfaceName: "uagv",
  transport: { brokerUrl: `mqtt://127.0.0.1:${process.argv[2]}`, heartbeat: 5, reconnectPeriod: 500 },
  vdaVersion: "2.0.0",
};
const controller = new AgvController(
  agv,
  client,
  { agvAdapterType: VirtualAgvAdapter, publishStateInterval: 1000, publishVisualizationInterval: 500 },
  { initialPosition: { mapId: "yard", x: 1, y: 1, theta: 0, lastNodeId: "0" }, vehicleSpeed: Number(process.argv[3] || 2) },
);
controller.registerConnectionStateChange((now) => say({ connection: now }));
controller.start().then(() => {
  say({ started: true });
  controller.subscribe("order", (order) => say({ order: order.orderId, version: order.version }));
  controller.subscribe("instantActions", (said) => say({ instantActions: said.instantActions.map((a) => a.actionType) }));
}, (error) => say({ error: String(error) }));
process.stdin.on("end", () => process.exit(0)).resume();
