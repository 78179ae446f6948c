/** What the page makes of pictures by WebRTC; `offer` is sent to the station, `picture` is called as each is shown. */
export interface WebRtcHandlers {
  offer: (sdp: string) => void;
  picture: (video: HTMLVideoElement, width: number, height: number, rtpTimestamp: number) => void;
  failed: () => void;
}

/** Pictures by WebRTC, from `open` to `close`: H.264 in RTP over UDP, the least of buffering, no address but the station's. */
export class WebRtcPictures {
  private readonly connection = new RTCPeerConnection({ iceServers: [], bundlePolicy: "max-bundle" });
  private readonly video = document.createElement("video");
  private closed = false;

  constructor(private readonly handlers: WebRtcHandlers) {}

  /** Whether this browser can: H.264, and to tell which picture it shows. */
  static supported(): boolean {
    return "RTCPeerConnection" in window && "requestVideoFrameCallback" in HTMLVideoElement.prototype && codecs().some(isH264);
  }

  async open(): Promise<void> {
    const { connection, video } = this;
    const transceiver = connection.addTransceiver("video", { direction: "recvonly" });
    transceiver.setCodecPreferences(codecs().filter((codec) => isH264(codec) || codec.mimeType === "video/rtx"));
    const receiver: RTCRtpReceiver & { playoutDelayHint?: number } = transceiver.receiver;
    receiver.jitterBufferTarget = 0;
    receiver.playoutDelayHint = 0; // of Chromium before it had the other
    connection.ontrack = ({ track }) => {
      video.srcObject = new MediaStream([track]);
      video.play().catch(() => this.fail());
    };
    connection.onconnectionstatechange = () => connection.connectionState === "failed" && this.fail();
    video.muted = true;
    video.playsInline = true;
    video.requestVideoFrameCallback(this.show);
    try {
      await connection.setLocalDescription(await connection.createOffer());
    } catch {
      this.fail();
      return;
    }
    if (!this.closed) this.handlers.offer(connection.localDescription!.sdp);
  }

  /** What the station answers; null: it does not take the offer. */
  answer(sdp: string | null): void {
    if (this.closed) return;
    if (sdp === null) this.fail();
    else this.connection.setRemoteDescription({ type: "answer", sdp }).catch(() => this.fail());
  }

  close(): void {
    this.closed = true;
    this.connection.close();
    this.video.srcObject = null;
  }

  private readonly show = (_: number, picture: VideoFrameCallbackMetadata): void => {
    if (this.closed) return;
    this.video.requestVideoFrameCallback(this.show);
    if (picture.rtpTimestamp === undefined) this.fail();
    else this.handlers.picture(this.video, picture.width, picture.height, picture.rtpTimestamp);
  };

  private fail(): void {
    if (this.closed) return;
    this.close();
    this.handlers.failed();
  }
}

const isH264 = (codec: RTCRtpCodec): boolean => codec.mimeType === "video/H264";

const codecs = (): RTCRtpCodec[] => RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
