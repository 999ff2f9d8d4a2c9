// A one-time link carries its code after the #, which no server is told. It goes into the form; the click stays
// the person's own. Without scripts, one copies it by hand.
const code = location.hash.slice(1);
if (code) {
  document.getElementById("code").value = code;
  history.replaceState(null, "", location.pathname);
}
