'use strict';
// Fully connected networks: ELU (alpha 1) between the layers, the last one linear or not.

class Network {
  constructor({layers, lastLinear}) {
    this.linear = lastLinear ? layers.length - 1 : -1;
    this.layers = layers.map(({inputs, outputs, weights, biases}) => ({
                               inputs,
                               outputs,
                               weights: Float64Array.from(decodeNumbers(weights)),
                               biases: Float64Array.from(decodeNumbers(biases)),
                               values: new Float64Array(outputs),
                             }));
  }

  get parameters() {
    return this.layers.reduce((sum, l) => sum + l.weights.length + l.biases.length, 0);
  }

  /** The outputs for one row of inputs; the answer is only good until the next call. */
  evaluate(input) {
    let from = input;
    this.layers.forEach((layer, index) => {
      const {inputs, outputs, weights, biases, values} = layer;
      for (let o = 0, w = 0; o < outputs; o += 1) {
        let sum = biases[o];
        for (let i = 0; i < inputs; i += 1, w += 1) sum += weights[w] * from[i];
        values[o] = index !== this.linear && sum < 0 ? Math.expm1(sum) : sum;
      }
      from = values;
    });
    return from;
  }
}
