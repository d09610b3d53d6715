// Goes through the provider's forms as a browser does: prints the address that the browser is sent
// back to. Arguments: the address of the login, and who logs in (or "cancel").

const [, , address, name] = process.argv;
const cookies = new Map();

async function visit(url, form) {
  const response = await fetch(url, {
    method: form ? "POST" : "GET",
    redirect: "manual",
    headers: { cookie: [...cookies].map(([key, value]) => `${key}=${value}`).join("; ") },
    body: form && new URLSearchParams(form),
  });
  for (const cookie of response.headers.getSetCookie()) {
    const [, key, value] = /^([^=]+)=([^;]*)/.exec(cookie);
    if (value === "") cookies.delete(key);
    else cookies.set(key, value);
  }
  const location = response.headers.get("location");
  if (!location) throw new Error(`${url}: ${response.status}\n${await response.text()}`);
  return new URL(location, url);
}

const { origin } = new URL(address);
let at = await visit(address);
const forms = [{ prompt: "login", login: name, password: "any" }, { prompt: "consent" }];
while (at.origin === origin) {
  const isForm = at.pathname.startsWith("/interaction/");
  if (isForm && name === "cancel") at = await visit(`${at}/abort`);
  else at = await visit(at, isForm ? forms.shift() : undefined);
}
console.log(at.href);
