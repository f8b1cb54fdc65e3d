/** The demo's page: one file with everything in it, made to be opened from the disk. */
import { html, type Html } from './html.js';
import { lossChart } from './loss-chart.js';
import type { Caption, DemoResult, Drawing, Edit, FactGroup, ProgressStep } from './result.js';
import { styles } from './styles.js';

/** The whole page as a document. */
export function renderPage(result: DemoResult): string {
  const { drawings, captions, edits, progress, progressPrompts, losses, facts, headline } = result;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Transfusion: what it learned</title>
        <style>
          ${{ html: styles }}
        </style>
      </head>
      <body>
        <main>
          <h1>What one small transformer learned</h1>
          <p class="lead">
            It predicts the next byte of a text, and takes the noise out of images: one set of weights, one
            sequence, trained from scratch on this machine just now. It had seen nothing before.
          </p>
          <dl class="headline">
            ${headline.map(
              ({ value, label }) =>
                html`<div>
                  <dt>${label}</dt>
                  <dd>${value}</dd>
                </div>`,
            )}
          </dl>

          <h2>It draws what a text says</h2>
          <p>
            Each image began as pure noise. Left, what the model draws that was trained here for three
            minutes; right, the one that ships (<code>@transfusion/emoji</code>), trained for hours. Small,
            below, is how the artist drew that subject. Pairs of subject and style marked
            <span class="mark">new</span>
            were never trained on, by either.
          </p>
          <div class="cards pairs">${drawings.map(drawingCard)}</div>

          <h2>It says what an image shows</h2>
          <p>
            Images that were never trained on: first what the three-minute model says, then the one that
            ships. In gray, what the caption should have been.
          </p>
          <div class="cards captions">${captions.map(captionCard)}</div>

          <h2>The one that ships also edits</h2>
          <p>Images that were never trained on, before and after an instruction.</p>
          <div class="cards pairs">${edits.map(editCard)}</div>

          <h2>How it came about</h2>
          <p>
            The same ${progressPrompts.length} prompts, drawn while it trained: ${progressPrompts.join('; ')}.
          </p>
          <div class="cards progress">${progress.map(progressStep)}</div>
          <div class="charts">
            ${lossChart(losses, 'tokens', 'Text: nats per byte')}
            ${lossChart(losses, 'image', 'Images: diffusion loss')}
          </div>

          <h2>The run</h2>
          <div class="facts">${facts.map(factTable)}</div>
        </main>
      </body>
    </html> `;
  return page.html;
}

function drawingCard({ prompt, png, shipped, reference, validation }: Drawing): Html {
  const artists = reference === undefined ? html`` : image(reference, `the artist's: ${prompt}`, 'reference');
  return html`<figure>
    <div class="pair">
      ${image(png, `drawn: ${prompt}`)} ${image(shipped, `drawn by the model that ships: ${prompt}`)}
    </div>
    <figcaption class="with-reference">
      ${artists}<span>${prompt}${validation ? html` <span class="mark">new</span>` : html``}</span>
    </figcaption>
  </figure>`;
}

function captionCard({ png, said, shipped, expected }: Caption): Html {
  return html`<figure>
    ${image(png, expected)}
    <figcaption>
      <span class="expected">3 min:</span> ${said === '' ? '(nothing)' : said}<br />
      <span class="expected">ships:</span> ${shipped === '' ? '(nothing)' : shipped}<br />
      <span class="expected">${expected}</span>
    </figcaption>
  </figure>`;
}

function editCard({ before, instruction, after }: Edit): Html {
  return html`<figure>
    <div class="pair">${image(before, 'before')} ${image(after, `after: ${instruction}`)}</div>
    <figcaption>${instruction}</figcaption>
  </figure>`;
}

function progressStep({ step, png }: ProgressStep): Html {
  return html`<figure>
    ${image(png, `the prompts drawn at step ${step}`)}
    <figcaption>step ${step}</figcaption>
  </figure>`;
}

function factTable({ title, facts }: FactGroup): Html {
  return html`<table>
    <caption>
      ${title}
    </caption>
    <tbody>
      ${facts.map(
        ([name, value]) =>
          html`<tr>
            <th scope="row">${name}</th>
            <td>${value}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function image(png: Uint8Array, alt: string, className = 'image'): Html {
  const source = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  return html`<img class="${className}" src="${source}" alt="${alt}" />`;
}
