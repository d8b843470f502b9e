/* The filter of windows in the order in which products read it. */
#include "panels.h"
#include "windows.h"

void packPanel(void *data, size_t panel) {
  const Windows *w = data;
  const Taps *taps = &w->taps;
  const size_t width = widthOf(w->multiplier, panel, w->outChannels);
  const size_t columns = columnsOf(w->multiplier, panel, w->outChannels);
  const size_t first = panel * panelWidth(w->multiplier);
  float *to = (float *)w->panels + first * products(w);
  for (size_t y = 0; y < taps->count.height; y++) {
    for (size_t x = 0; x < taps->count.width; x++, to += w->channels * width) {
      const size_t row = (size_t)(taps->firstRow + (ptrdiff_t)y * taps->rowStep);
      const size_t column = (size_t)(taps->firstColumn + (ptrdiff_t)x * taps->columnStep);
      const float *from = taps->values + (row * taps->kernelWidth + column) * w->channels * w->outChannels;
      fillPanel(from + (taps->isTurned ? first * w->channels : first), taps->isTurned ? w->channels : w->outChannels,
                taps->isTurned, columns, w->channels, to, width);
    }
  }
}
