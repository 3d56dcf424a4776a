// Runs before anything is painted, so that a chosen theme never flashes the other one.
try {
  const theme = localStorage.getItem('entra-jit.theme')
  if (['light', 'dark', 'contrast'].includes(theme)) document.documentElement.dataset.theme = theme
} catch {
  // Without storage the page follows the system.
}
