import { endWithOutput } from './output.ts';
import { runCommandLine } from './run.ts';

endWithOutput();
const code = await runCommandLine(process.argv.slice(2));
// Not process.exit(): what was written may still be on its way.
if (code !== undefined) process.exitCode = code;
