// A master of npm's vda-5050-lib (Siemens), version 2.0.0: node master.js PORT. Told what to do by lines of JSON on its
// standard input ({order}, {cancel}), it says on its standard output how it understands the vehicle.
const { MasterController } = require("vda-5050-lib");

const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");
const agv = { manufacturer: "xiaotian", serialNumber: "dog1" };
const controller = new MasterController(
  {
    interfaceName: "uagv",
    transport: { brokerUrl: `mqtt://127.0.0.1:${process.argv[2]}`, heartbeat: 5, reconnectPeriod: 500 },
    vdaVersion: "2.0.0",
  },
  {},
);

async function order(given) {
  await controller.assignOrder(agv, given, {
    onOrderProcessed: (error, canceled, active) => say({ processed: { error: error?.errorType ?? null, canceled, active } }),
    onNodeTraversed: (node) => say({ traversed: node.nodeId }),
    onActionStateChanged: (state) => say({ action: state.actionId, status: state.actionStatus }),
  });
}

async function cancel(actionId) {
  const action = { actionId, actionType: "cancelOrder", blockingType: "NONE" };
  await controller.initiateInstantActions(agv, { instantActions: [action] }, {
    onActionStateChanged: (state) => say({ action: state.actionId, status: state.actionStatus }),
    onActionError: (error) => say({ actionError: error.errorType }),
  });
}

controller.start().then(() => {
  controller.trackAgvs((id, state) => say({ agv: id.serialNumber, state }));
  controller.subscribe("state", agv, (state) => say({ state: state.orderId, lastNodeId: state.lastNodeId }));
  say({ started: true });
  let left = "";
  process.stdin.on("data", (data) => {
    const lines = (left + data).split("\n");
    left = lines.pop();
    for (const line of lines) {
      const asked = JSON.parse(line);
      (asked.order ? order(asked.order) : cancel(asked.cancel)).catch((error) => say({ error: String(error) }));
    }
  });
  process.stdin.on("end", () => process.exit(0));
}, (error) => say({ error: String(error) }));
