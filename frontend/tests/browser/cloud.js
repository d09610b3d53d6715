// A local cloud of the tests' own, and a browser that looks at it. Started by
// scripts/lib/test-browser, which says where both programs are.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const { chromium } = createRequire(new URL("../../../.tools/browser/", import.meta.url))("playwright-core");

/**
 * A local cloud on free ports with an empty data folder that goes away with it. What has
 * outlived its time stays, for AWS takes days to delete it.
 */
export class Cloud {
  static async start(...flags) {
    const cloud = new Cloud();
    cloud.folder = await mkdtemp(join(tmpdir(), "jangteo-browser-"));
    cloud.said = [];
    cloud.process = spawn(process.env.JANGTEO_LOCAL,
      ["dev", "--no-ttl", "--port", "0", "--aws-port", "0", "--data", join(cloud.folder, "data"), ...flags],
      { stdio: ["ignore", "pipe", "pipe"] });
    cloud.ended = new Promise((resolve) => {
      cloud.process.once("exit", (...how) => {
        if (!cloud.isStopping) console.error(`the local cloud ended by itself (${how}):\n${cloud.said.slice(-20).join("\n")}`);
        resolve();
      });
    });
    await new Promise((resolve, reject) => {
      for (const stream of [cloud.process.stdout, cloud.process.stderr]) {
        createInterface({ input: stream }).on("line", (line) => {
          cloud.said.push(line);
          cloud.origin ??= line.match(/^ +storefront +(http\S+)\/$/)?.[1];
          if (line.startsWith("Ctrl-C stops it")) resolve();
        });
      }
      cloud.ended.then(() => reject(new Error("the local cloud did not start")));
    });
    return cloud;
  }

  async stop() {
    this.isStopping = true;
    this.said.forEach((line, index) => {
      if (/^5\d\d /.test(line)) console.error(`the local cloud said: ${line} ${this.said[index + 1] ?? ""}`);
    });
    this.process.kill("SIGTERM");
    await this.ended;
    await rm(this.folder, { recursive: true, force: true });
  }

  async ask(path, body) {
    const answer = await fetch(this.origin + path, body === undefined ? {} : {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
    });
    assert.equal(answer.status, 200, path);
    return answer.json();
  }

  /** The newest mail to an address that has a text in it, once every mail of before has left. */
  async mail(to, text) {
    // Mail leaves by the stream, a moment after the answer: until then an older one is the newest.
    await this.ask("/_local/quiet");
    const { items } = await this.ask(`/_local/mail?to=${encodeURIComponent(to)}`);
    const found = items.find((mail) => mail.text.includes(text));
    assert.ok(found, `no mail to ${to} has "${text}" in it`);
    return found;
  }
}

/** What axe finds on a page that keeps somebody from using it (WCAG 2.2 A and AA, and axe's own good practices). */
async function barriers(page) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await axe.run({ resultTypes: ["violations"] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("; ")}`);
  });
}

/** A Chromium without a window. */
export function launch() {
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath: process.env.CHROMIUM, args });
}

/** A person with a browser of their own, who notices whatever the browser complains of. */
export class Visitor {
  static async come(browser, cloud, { locale, width = 360, height = 740, ...more }) {
    const visitor = new Visitor();
    visitor.cloud = cloud;
    visitor.complaints = [];
    visitor.context = await browser.newContext({
      baseURL: cloud.origin, locale, timezoneId: "Asia/Seoul", viewport: { width, height }, ...more,
    });
    visitor.context.setDefaultTimeout(15_000);
    // The browser writes violations of the policy to the console too; this one cannot be missed.
    await visitor.context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
      });
    });
    visitor.context.on("page", (page) => visitor.listen(page));
    visitor.page = await visitor.context.newPage();
    return visitor;
  }

  listen(page) {
    page.on("pageerror", (error) => this.complaints.push(`${page.url()}: ${error.stack ?? error}`));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) {
        this.complaints.push(`${message.text()} at ${message.location().url}`);
      }
    });
    page.on("requestfailed", (request) => {
      // A page that is left drops what it was still asking.
      if (request.failure()?.errorText !== "net::ERR_ABORTED") {
        this.complaints.push(`${request.url()} ${request.failure()?.errorText}`);
      }
    });
  }

  /** The page is as wide as the screen, speaks one language, and the browser is content. */
  async look(page = this.page) {
    await page.waitForLoadState("networkidle");
    const seen = await page.evaluate(() => {
      const width = document.documentElement.clientWidth;
      return {
        width,
        scrolled: Math.max(document.documentElement.scrollWidth, document.body.scrollWidth),
        wide: [...document.querySelectorAll("body *")]
          .filter((element) => element.getBoundingClientRect().right > width + 1)
          .slice(0, 5).map((element) => `${element.tagName}.${element.className}`),
        language: document.documentElement.lang,
        untranslated: [...document.querySelectorAll("main [data-t]")]
          .filter((element) => element.textContent === element.dataset.t).map((element) => element.dataset.t),
      };
    });
    assert.ok(seen.scrolled <= seen.width, `${page.url()} is ${seen.scrolled} px wide on ${seen.width}: ${seen.wide}`);
    assert.deepEqual(seen.untranslated, [], page.url());
    assert.deepEqual(this.complaints, [], page.url());
    assert.deepEqual(await barriers(page), [], page.url());
    return seen;
  }

  /** Takes back the browser's one line about an answer that was meant to be a refusal. */
  expectRefusal(status, path) {
    const position = this.complaints.findIndex((text) => text.includes(`status of ${status}`) && text.includes(path));
    assert.notEqual(position, -1, `no answer ${status} of ${path}: ${this.complaints}`);
    this.complaints.splice(position, 1);
  }

  /** Takes back what the browser says of requests whose answer was meant to be lost. */
  expectLost(path) {
    const others = this.complaints.filter((text) => !(text.includes("net::ERR_FAILED") && text.includes(path)));
    assert.notEqual(others.length, this.complaints.length, `nothing of ${path} was lost: ${this.complaints}`);
    this.complaints = others;
  }

  async go(path) {
    await this.page.goto(path);
    await this.look();
  }

  async leave() {
    await this.context.close();
  }
}
