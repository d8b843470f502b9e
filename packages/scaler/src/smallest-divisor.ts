/** Smallest normal float32. A spread below it counts as constant: it would be 0 or lose its digits in a tensor. */
export const SMALLEST_DIVISOR = 2 ** -126
