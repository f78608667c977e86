import { signal } from '@preact/signals';
import type { ApiSignals } from 'clacks/admin-api';
import { Feed } from '../../api/feed.ts';
import { session } from '../../state/session.ts';
import { SignalBoard } from './signal-board.ts';

/** How often what came is shown, in ms: as often as the server tells it. */
const drawMs = 250;
/** How often it is shown if nothing came: rates go down. */
const idleDrawMs = 1000;
/** Signals a second that the server is asked for: as many as it shows at most. */
const ratePerSMax = 1000;

/** How many names are listened to. */
export interface Listening {
  readonly names: number;
  readonly refused: number;
}

/** The signals of names, as they come, drawn a few times a second at most. */
export class LiveSignals {
  #board = new SignalBoard(performance.now());
  /** What is shown. */
  readonly view = signal(this.#board.view(performance.now()));
  readonly isPaused = signal(false);
  /** Signals that came since it was paused. */
  readonly missed = signal(0);
  /** Undefined as long as the server has not said so. */
  readonly listening = signal<Listening | undefined>(undefined);
  #names: readonly string[] = [];
  #seenWhenPaused = 0;
  #isNew = false;

  /**
   * Follows names and patterns. What came is forgotten if some are left out that were followed before.
   *
   * @returns Ends that.
   */
  follow(names: readonly string[]): () => void {
    if (this.#names.some((name) => !names.includes(name))) this.clear();
    this.#names = names;
    if (names.length === 0) return () => undefined;
    const feed = new Feed({
      names,
      rate: ratePerSMax,
      handlers: {
        signals: (signals: ApiSignals) => {
          this.#board.add(signals, performance.now());
          this.#isNew = true;
        },
        listening: (listening: Listening) => {
          this.listening.value = listening;
        },
      },
      mayOpen: () => session.check(),
      changed: (isLive) => {
        if (!isLive) this.listening.value = undefined;
      },
    });
    const timer = setInterval(() => {
      this.#tick();
    }, drawMs);
    return () => {
      feed.close();
      clearInterval(timer);
      this.listening.value = undefined;
    };
  }

  /** Leaves what is shown as it is, or goes on with what came meanwhile. */
  setPaused(isPaused: boolean): void {
    this.isPaused.value = isPaused;
    this.#seenWhenPaused = this.#board.seen;
    this.missed.value = 0;
    if (!isPaused) this.#draw();
  }

  /** Forgets what came. */
  clear(): void {
    this.#board = new SignalBoard(performance.now());
    this.#seenWhenPaused = 0;
    this.missed.value = 0;
    this.#draw();
  }

  #tick(): void {
    if (this.isPaused.value) {
      this.missed.value = this.#board.seen - this.#seenWhenPaused;
      return;
    }
    const isOld = performance.now() - this.view.value.nowMs >= idleDrawMs;
    if (this.#isNew || (isOld && this.#board.seen > 0)) this.#draw();
  }

  #draw(): void {
    this.#isNew = false;
    this.view.value = this.#board.view(performance.now());
  }
}
