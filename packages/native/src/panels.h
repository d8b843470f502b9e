/* The right side of a product in the order in which tiles read it. */
#ifndef PANELS_H
#define PANELS_H
#include <stddef.h>

/*
 * Writes a panel, [count][width], of `columns` columns, and zeros beside them: column c of row k is from[k * step + c], or
 * from[c * step + k] where they are turned.
 */
void fillPanel(const float *from, size_t step, int isTurned, size_t columns, size_t count, float *to, size_t width);
#endif
