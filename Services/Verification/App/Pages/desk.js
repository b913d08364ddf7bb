// The desk of a department, in its own browser: persons that are sealed to the department are opened here (RFC 7516, ECDH-ES and
// A256GCM), answers are signed here (RFC 7515, Ed25519). Private keys are kept by the browser and cannot be read out of it, but
// for the department's key to open, which is saved once as a file, since all its people need the same.
"use strict";

const find = (id) => document.getElementById(id);
const utf8 = new TextEncoder();
const text = (bytes) => new TextDecoder().decode(bytes);
const base64 = (bytes) => btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(""));
const base64url = (bytes) => base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const unbase64 = (string) => Uint8Array.from(atob(string.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
const joined = (...parts) => new Uint8Array(parts.flatMap((part) => [...part]));
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

const USES = { sig: "签字 to sign", desk: "经办 to prepare", enc: "解密 to open" };
const STATES = { sent: "待答复 waiting", overdue: "逾期 overdue", sent_back: "退回 sent back", returned: "待签字 to be signed" };
const POINT = { name: "ECDH", namedCurve: "P-256" };

// MARK: Keys

/** The keys of this browser, by department and use: {id, department, use, kid, jwk, key}. */
const store = new Promise((resolve, reject) => {
  const opening = indexedDB.open("lika-desk", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("keys", { keyPath: "id" });
  opening.onsuccess = () => resolve(opening.result);
  opening.onerror = () => reject(opening.error);
});

async function inStore(mode, act) {
  const keys = (await store).transaction("keys", mode).objectStore("keys");
  return new Promise((resolve, reject) => {
    const asked = act(keys);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

const keyFor = (department, use) => inStore("readonly", (keys) => keys.get(`${department} ${use}`));
const department = () => find("department").value;

/** As its JWK is registered: named by its thumbprint (RFC 7638). */
async function named(jwk, use) {
  const { crv, kty, x, y } = jwk;
  const kid = base64url(await sha256(utf8.encode(JSON.stringify(y ? { crv, kty, x, y } : { crv, kty, x }))));
  return { kty, crv, x, ...(y && { y }), kid, use };
}

async function keep(use, publicKey, privateKey) {
  const jwk = await named(await crypto.subtle.exportKey("jwk", publicKey), use);
  await inStore("readwrite", (keys) => keys.put({ id: `${department()} ${use}`, department: department(), use, kid: jwk.kid, jwk, key: privateKey }));
  await showKeys();
}

async function make(use) {
  if (await keyFor(department(), use) && !confirm("已有此用途的密钥，要换新的吗？ Replace the key that is there?")) return;
  if (use !== "enc") {
    const pair = await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
    return keep(use, pair.publicKey, pair.privateKey);
  }
  const pair = await crypto.subtle.generateKey(POINT, true, ["deriveBits"]);
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", pair.privateKey);
  const pem = `-----BEGIN PRIVATE KEY-----\n${base64(pkcs8).match(/.{1,64}/g).join("\n")}\n-----END PRIVATE KEY-----\n`;
  find("save").href = URL.createObjectURL(new Blob([pem], { type: "application/x-pem-file" }));
  find("save").download = `${department().toLowerCase()}.enc.key`;
  find("saving").hidden = false;
  return keep(use, pair.publicKey, await crypto.subtle.importKey("pkcs8", pkcs8, POINT, false, ["deriveBits"]));
}

/** The department's key to open, from the file in which a colleague or the department's program keeps it: PKCS #8 in PEM. */
async function take(file) {
  const pkcs8 = unbase64((await file.text()).replace(/-----[^-]+-----|\s/g, ""));
  const readable = await crypto.subtle.importKey("pkcs8", pkcs8, POINT, true, ["deriveBits"]);
  const { d, key_ops, ...half } = await crypto.subtle.exportKey("jwk", readable);
  const publicKey = await crypto.subtle.importKey("jwk", half, POINT, true, []);
  return keep("enc", publicKey, await crypto.subtle.importKey("pkcs8", pkcs8, POINT, false, ["deriveBits"]));
}

async function showKeys() {
  const mine = (await inStore("readonly", (keys) => keys.getAll())).filter((key) => key.department === department());
  find("mine").tBodies[0].replaceChildren(...mine.map((key) => {
    const row = document.createElement("tr");
    row.append(cell("用途", USES[key.use]), cell("编号", Object.assign(document.createElement("code"), { textContent: key.kid })));
    return row;
  }));
  find("handing").hidden = mine.length === 0;
  find("public").value = mine.map((key) => JSON.stringify(key.jwk)).join("\n");
  if (mine.length === 0) find("keys").open = true;
}

function cell(label, content) {
  const made = document.createElement("td");
  made.dataset.label = label;
  made.append(content);
  return made;
}

// MARK: The service

let session = null;

async function ask(path, options = {}) {
  const headers = { ...options.headers, ...(session && { Authorization: `Bearer ${session.token}` }) };
  const response = await fetch(path, { ...options, headers });
  const said = await response.json();
  if (!response.ok) throw new Error([said.code, said.detail, ...(said.errors ?? []).map((fault) => `${fault.code} ${fault.reason ?? ""}`)].filter(Boolean).join(" · "));
  return { said, next: /<([^>]+)>; rel="next"/.exec(response.headers.get("Link") ?? "")?.[1] };
}

const post = (path, body, headers = {}) =>
  ask(path, { method: "POST", body, headers: { "Content-Type": "application/json", "Idempotency-Key": `"${crypto.randomUUID()}"`, ...headers } });

const here = () => `/v1/departments/${session.department.toLowerCase()}`;

async function open() {
  const mine = (await keyFor(department(), "sig")) ?? (await keyFor(department(), "desk"));
  if (!mine) {
    find("keys").open = true;
    return say("本浏览器没有该部门的密钥，请先生成并登记。 There is no key here: make one and have it registered.");
  }
  session = null;
  const [at, nonce] = [new Date().toISOString(), base64url(crypto.getRandomValues(new Uint8Array(16)))];
  const signature = base64url(await crypto.subtle.sign("Ed25519", mine.key, utf8.encode(`lika-desk ${mine.kid} ${at} ${nonce}`)));
  session = (await post("/v1/desk/sessions", JSON.stringify({ kid: mine.kid, at, nonce, signature }))).said;
  say("");
  find("work").hidden = false;
  find("sign").hidden = session.use !== "sig";
  await load();
}

const say = (words) => { find("said").textContent = words; };

// MARK: What waits

/** {waiting, bytes, question, persons, row} */
let items = [];
let next = null;

async function load() {
  items = [];
  find("queue").tBodies[0].replaceChildren();
  next = `?limit=100&topic=${encodeURIComponent(find("topic").value)}`;
  await more();
}

async function more() {
  const page = await ask(`${here()}/desk${next}`);
  next = page.next ?? null;
  const opening = await keyFor(session.department, "enc");
  for (const waiting of page.said) {
    const bytes = utf8.encode(waiting.value);
    const item = { waiting, bytes, question: JSON.parse(waiting.value) };
    try {
      item.persons = item.question.sealedPersons ? await opened(item.question.sealedPersons, opening) : item.question.persons;
    } catch { item.persons = null; }
    show(item);
  }
  find("more").hidden = !next;
  filter();
}

/** The persons in a compact JWE. */
async function opened(jwe, opening) {
  if (!opening) throw new Error("no key to open");
  const [protectedHeader, , iv, sealed, tag] = jwe.split(".");
  const header = JSON.parse(text(unbase64(protectedHeader)));
  const ephemeral = await crypto.subtle.importKey("jwk", header.epk, POINT, false, []);
  const agreed = new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: ephemeral }, opening.key, 256));
  const number = (value) => new Uint8Array([value >>> 24, value >>> 16, value >>> 8, value]);
  const counted = (bytes) => joined(number(bytes.length), bytes);
  // RFC 7518, section 4.6: one round of SHA-256.
  const secret = await sha256(joined(
    number(1), agreed, counted(utf8.encode(header.enc)), counted(unbase64(header.apu ?? "")), counted(unbase64(header.apv ?? "")), number(256)));
  const key = await crypto.subtle.importKey("raw", secret, "AES-GCM", false, ["decrypt"]);
  const plain = await crypto.subtle.decrypt(
    { name: "AES-GCM", iv: unbase64(iv), additionalData: utf8.encode(protectedHeader) }, key, joined(unbase64(sealed), unbase64(tag)));
  return JSON.parse(text(new Uint8Array(plain)));
}

const topicName = (topic) => [...find("topic").options].find((option) => option.value === topic)?.text ?? topic;

function show(item) {
  const row = find("row").content.firstElementChild.cloneNode(true);
  const [part, { waiting, question, persons }] = [(name) => row.querySelector(`.${name}`), item];
  item.row = row;
  item.part = part;
  part("persons").append(...(persons ?? []).map((person) => Object.assign(document.createElement("div"), { textContent: `${person.name} ${person.idNumber}` })));
  if (!persons) part("persons").textContent = "无法解密 cannot be opened with the key here";
  part("topic").textContent = topicName(question.topic);
  part("due").textContent = question.dueOn;
  part("state").textContent = STATES[waiting.status] ?? waiting.status;
  if (waiting.sentBack) part("state").append(Object.assign(document.createElement("div"), { className: "bad", textContent: `${waiting.sentBack.zh} ${waiting.sentBack.remark ?? ""}` }));
  part("member").append(new Option("全户 household", ""), ...(persons ?? []).map((person) => new Option(person.name, person.member)));
  for (const control of row.querySelectorAll("input, select")) control.disabled = !persons;
  const ready = waiting.prepared;
  if (ready) {
    const found = ready.findings[0];
    part("outcome").value = ready.outcome;
    [part("member").value, part("code").value, part("remark").value] = [found?.member ?? "", found?.code ?? "", found?.remark ?? ""];
  }
  part("outcome").addEventListener("change", () => { part("chosen").checked = part("outcome").value !== ""; fit(item); });
  fit(item);
  items.push(item);
  find("queue").tBodies[0].append(row);
}

/** What is found is asked for only where something is found. */
function fit(item) { item.part("finding").hidden = ["", "consistent"].includes(item.part("outcome").value); }

function filter() {
  const [state, wanted] = [find("state").value, find("search").value.trim().toLowerCase()];
  for (const { row, waiting, persons } of items) {
    const named = (persons ?? []).some((person) => `${person.name} ${person.idNumber}`.toLowerCase().includes(wanted));
    row.hidden = (state !== "" && waiting.status !== state) || (wanted !== "" && !named);
  }
  find("count").textContent = items.filter((item) => !item.row.hidden).length;
}

// MARK: Answers

const chosen = () => items.filter((item) => !item.row.hidden && item.part("chosen").checked && !item.done);

/** The answer that the row holds; nothing, with a word in the row, where it is not complete. */
async function answer(item) {
  const [outcome, code] = [item.part("outcome").value, item.part("code").value.trim()];
  if (!outcome) return fate(item, "请选择结论 choose an outcome", true);
  if (outcome !== "consistent" && !code) return fate(item, "请填写情况代码 say what was found", true);
  const [member, remark] = [item.part("member").value, item.part("remark").value.trim()];
  const findings = outcome === "consistent" ? [] : [{ ...(member && { member }), field: item.question.topic.toLowerCase(), outcome, code, ...(remark && { remark }) }];
  return { request: item.question.request, requestDigest: hex(await sha256(item.bytes)), outcome, findings };
}

function fate(item, words, bad) {
  item.part("fate").textContent = words;
  item.part("fate").className = bad ? "fate bad" : "fate good";
}

/** Does something with every row that is chosen, one after the other, and says how far it is. */
async function each(act) {
  const rows = chosen();
  if (rows.length === 0) find("progress").textContent = "没有选择任何一项 Nothing is selected";
  let [done, failed] = [0, 0];
  for (const item of rows) {
    try {
      const made = await answer(item);
      if (made) { await act(item, made); item.done = true; } else failed += 1;
    } catch (error) { failed += 1; fate(item, error.message, true); }
    done += 1;
    find("progress").textContent = `${done} / ${rows.length}` + (failed ? `，${failed} 项未成 failed` : "");
  }
}

async function prepare(item, made) {
  await post(`${here()}/prepared-answers`, JSON.stringify(made));
  fate(item, "已交签字人 prepared", false);
}

async function sign(item, made) {
  const mine = await keyFor(session.department, "sig");
  const { household, department, topic } = item.question;
  const value = utf8.encode(JSON.stringify({
    ...made, household, department, topic, signatory: find("signatory").value.trim(), post: find("post").value.trim(), signedAt: new Date().toISOString(),
  }));
  const header = base64url(utf8.encode(JSON.stringify({ alg: "EdDSA", kid: mine.kid, typ: "verification-result+jws" })));
  const signature = base64url(await crypto.subtle.sign("Ed25519", mine.key, utf8.encode(`${header}.${base64url(value)}`)));
  const receipt = (await post(`${here()}/results`, value, {
    "ce-specversion": "1.0", "ce-id": crypto.randomUUID(), "ce-source": `/departments/${department.toLowerCase()}`,
    "ce-type": "lika.verification.result.returned.v1", "ce-time": new Date().toISOString(), "ce-subject": made.request, jws: `${header}..${signature}`,
  })).said;
  if (!receipt.accepted) throw new Error(receipt.reason);
  fate(item, "已签字提交 signed and accepted", false);
}

function signable() {
  const missing = ["signatory", "post"].filter((id) => find(id).value.trim() === "");
  if (missing.length) find("progress").textContent = "请填写签字人姓名和职务 Name the signatory and the post";
  for (const id of ["signatory", "post"]) localStorage.setItem(`lika-desk ${id}`, find(id).value.trim());
  return missing.length === 0;
}

// MARK: The page

const handle = (act) => (event) => { event?.preventDefault(); Promise.resolve(act(event)).catch((error) => say(error.message)); };

find("open").addEventListener("submit", handle(open));
find("department").addEventListener("change", handle(() => { localStorage.setItem("lika-desk department", department()); find("work").hidden = true; return showKeys(); }));
for (const button of document.querySelectorAll("[data-make]")) button.addEventListener("click", handle(() => make(button.dataset.make)));
find("take").addEventListener("change", handle((event) => take(event.target.files[0])));
find("filter").addEventListener("submit", handle(() => {}));
find("topic").addEventListener("change", handle(load));
for (const [value, name] of Object.entries(STATES)) find("state").append(new Option(name, value));
find("state").addEventListener("change", filter);
find("search").addEventListener("input", filter);
find("more").addEventListener("click", handle(more));
find("all").addEventListener("change", () => { for (const item of items) if (!item.row.hidden && item.persons) item.part("chosen").checked = find("all").checked; });
find("consistent").addEventListener("click", () => { for (const item of chosen()) { item.part("outcome").value = "consistent"; fit(item); } });
find("prepare").addEventListener("click", handle(() => each(prepare)));
find("sign").addEventListener("click", handle(() => signable() && each(sign)));
for (const id of ["department", "signatory", "post"]) find(id).value = localStorage.getItem(`lika-desk ${id}`) ?? find(id).value;
handle(showKeys)();
