import http from 'k6/http';

/** Seconds between two reports. */
export const REPORT_EVERY = 0.25;
/** Seconds without a word from the control after which a load stops: nobody may be there to stop it. */
export const LONGEST_SILENCE = 5;
/** Seconds that a report may take. */
const REPORT_TIMEOUT = 2;

/** Whoever controls the load from outside: takes reports and gives orders. */
export class Control<Report, Orders> {
  readonly #address: string;

  constructor(address: string) {
    this.#address = address;
  }

  /** Posts a report; the orders that it is answered with, or nothing when there is no answer to be had. */
  async tell(report: Report): Promise<Orders | undefined> {
    try {
      const response = await http.asyncRequest('POST', this.#address, JSON.stringify(report), {
        headers: { 'Content-Type': 'application/json' },
        responseType: 'text',
        timeout: REPORT_TIMEOUT * 1000,
      });
      return response.status === 200 ? (JSON.parse(String(response.body)) as Orders) : undefined;
    } catch {
      return undefined;
    }
  }
}
