import { Refusal } from '../parts.ts';

/** How the user names further addresses of the page. */
export interface HostsSetting {
  /** `PAGE_HOSTS` */
  readonly variable: string;
  /** What it holds. */
  readonly hosts: readonly string[];
  /** What starts the stack: `docker compose up`. */
  readonly start: string;
}

/** The page was opened at an address that is not in `PAGE_HOSTS`. */
export class UnknownAddress extends Refusal {
  /** Where the browser has the page: `https://b.example`. */
  readonly origin: string;
  /** The name that was asked for, where that is unknown; a proxy may have put it in the place of the browser's. */
  readonly asked: string | undefined;
  readonly setting: HostsSetting;

  constructor(origin: string, asked: string | undefined, setting: HostsSetting) {
    const { variable, hosts, start } = setting;
    super(403, unknownAddress.told(origin), {
      title: unknownAddress.title,
      command: `${variable}=${[...hosts, origin].join(',')} ${start}`,
    });
    this.origin = origin;
    this.asked = asked;
    this.setting = setting;
  }
}

/** The words of the refusal. */
export const unknownAddress = {
  title: 'Loadline does not know this address',
  told: (origin: string) =>
    `The page was opened at ${origin}. Loadline answers only at addresses that it knows, so that other sites cannot ` +
    'control it. Start it again with this address, and with the other variables that you set:',
} as const;
