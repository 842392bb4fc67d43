import type { Command } from 'commander';
import type { CommandContext } from './context.ts';
import { judgeFacts, renderFinding, requireParts } from './findings.ts';
import { collectFacts } from './machine-facts.ts';

/** `loadline check`: what the machine has, what is missing, and what will disturb a measurement. */
export function register(program: Command, context: CommandContext): void {
  program
    .command('check')
    .description('what this machine has, what is missing, and what will disturb a measurement')
    .option('--json', 'for machines')
    .action(async ({ json }: { json?: boolean }) => {
      const findings = judgeFacts(await collectFacts(context));
      if (json) context.print(JSON.stringify({ findings }));
      else for (const finding of findings) context.print(renderFinding(finding));
      requireParts(findings);
    });
}
