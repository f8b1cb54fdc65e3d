/**
 * The process that generates with an exported folder on onnxruntime-web. JavaScript, since the types of its package are
 * those of browsers, and the other experiments' those of Node.js.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadModel } from '@transfusion/web';

process.once('message', async ({ folder, precision, requests }) => {
  const reader = {
    where: folder,
    read: async (path, { signal, onBytes } = {}) => {
      const bytes = new Uint8Array(await readFile(join(folder, path), { signal }));
      onBytes?.(bytes.length);
      return bytes;
    },
  };
  const model = await loadModel(reader, { device: 'wasm', precision });
  const outputs = [];
  for (const request of requests) {
    const output = { text: '', value: undefined };
    for await (const event of model.generate(request)) {
      if (event.type === 'text') output.text += event.text;
      if (event.type === 'value') output.value = event.value;
    }
    outputs.push(output);
  }
  process.send(outputs, () => process.disconnect());
});
