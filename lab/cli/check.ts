import type { Command } from 'commander';
import type { CommandContext } from './context.ts';
import { judgeFacts, renderFinding, renderSummary, requireParts } from './findings.ts';
import { collectFacts } from './machine-facts.ts';

/** `loadline check`: what the machine has, what is missing, and what will disturb a measurement. */
export function register(program: Command, context: CommandContext): void {
  program
    .command('check')
    .description('what this machine has, what is missing, and what will disturb a measurement')
    .option('--json', 'for machines')
    .action(async ({ json }: { json?: boolean }) => {
      const facts = await collectFacts(context);
      const findings = judgeFacts(facts);
      if (json) context.print(JSON.stringify({ findings }));
      else for (const finding of findings) context.print(renderFinding(finding));
      requireParts(findings);
      if (!json) context.print(renderSummary(findings, facts.engine));
    });
}
