// SPDX-License-Identifier: Apache-2.0
// Runs ONNX models in onnxruntime-node. The first argument is a JSON file, a list of
// {model, inputs: {name: {type, shape, values}}, output}; for each it prints a line of JSON, the values of the output.
// The second is the folder with node_modules.
import {readFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {resolve} from 'node:path';

const [runs, modules] = process.argv.slice(2);
const {InferenceSession, Tensor} = createRequire(resolve(modules, 'here.js'))('onnxruntime-node');
const arrays = {float32: Float32Array, int32: Int32Array, int64: BigInt64Array};

function tensor({type, shape, values}) {
  return new Tensor(type, arrays[type].from(values, type === 'int64' ? BigInt : undefined), shape);
}

for (const {model, inputs, output} of JSON.parse(await readFile(runs))) {
  const session = await InferenceSession.create(model, {intraOpNumThreads: 1});
  const feeds = Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, tensor(input)]));
  console.log(JSON.stringify(Array.from((await session.run(feeds))[output].data)));
}
