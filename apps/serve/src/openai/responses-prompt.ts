/** Prompt of a response: the parts of its input, one after another. */
import { decodeBase64, decodeImageUri } from './data-uri.js';
import { joinMessages, type LocatedPart } from './join-messages.js';
import { responsesOutput, type ResponsesRequest } from './responses-request.js';

/**
 * Returns the parts of the instructions and of the input, as {@link joinMessages} joins them. For an image, files come
 * first: an instruction follows what it is about, as in the documents that models are trained on.
 *
 * @throws ApiError 400 for a file that is not in the request (a link, a path) or is not base64
 */
export function responsesPrompt(request: ResponsesRequest): LocatedPart[] {
  const { instructions, input } = request;
  const messages = [
    ...(instructions === undefined ? [] : [[textPart(instructions, 'instructions')]]),
    ...(typeof input === 'string' ? [[textPart(input, 'input')]] : input.map(itemParts)),
  ];
  if (responsesOutput(request) !== 'image') return joinMessages(messages);
  const isFile = ({ part }: LocatedPart): boolean => part.type === 'file';
  const texts = messages.map((message) => message.filter((part) => !isFile(part)));
  return joinMessages([messages.flat().filter(isFile), ...texts]);
}

/** Returns the mask of the last image, if there is one. @throws ApiError 400 as {@link responsesPrompt} */
export function responsesMask({
  tools,
}: ResponsesRequest): { readonly bytes: Uint8Array; readonly param: string } | undefined {
  const uri = tools?.[0]?.input_image_mask?.image_url;
  const param = 'tools[0].input_image_mask.image_url';
  return uri === undefined ? undefined : { bytes: decodeImageUri(uri, param).bytes, param };
}

function textPart(text: string, param: string): LocatedPart {
  return { part: { type: 'text', text }, param };
}

type Item = Exclude<ResponsesRequest['input'], string>[number];

function itemParts(item: Item, index: number): LocatedPart[] {
  const param = `input[${index}]`;
  if (item.type === 'image_generation_call') {
    const result = `${param}.result`;
    // The file's own bytes say its format.
    const bytes = decodeBase64(item.result, result);
    return [{ part: { type: 'file', mediaType: 'image/*', bytes }, param: result }];
  }
  if (typeof item.content === 'string') return [textPart(item.content, `${param}.content`)];
  return item.content.map((part, i) => {
    const content = `${param}.content[${i}]`;
    if (part.type !== 'input_image') return textPart(part.text, content);
    const url = `${content}.image_url`;
    return { part: { type: 'file', ...decodeImageUri(part.image_url, url) }, param: url };
  });
}
