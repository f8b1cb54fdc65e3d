/** Body of `POST /v1/responses` for a request of the page; also what "copy as" shows. */
import type { GenerationRequest } from './backend.js';

/** Returns the body, without `stream`. */
export function responseBody(request: GenerationRequest): Readonly<Record<string, unknown>> {
  const { mode, images, prompt, mask, size, numPreviews } = request;
  const tool = {
    type: 'image_generation',
    partial_images: numPreviews,
    ...(mode === 'image' && size !== undefined && { size }),
    ...(mode === 'image' && mask !== undefined && { input_image_mask: { image_url: mask } }),
  };
  return withoutUndefined({
    model: request.model,
    input: images.length === 0 ? prompt : [message(prompt, images)],
    tools: mode === 'text' ? undefined : [tool],
    tool_choice: mode === 'image' ? 'required' : undefined,
    max_output_tokens: mode === 'image' ? undefined : request.maxTokens,
    max_images: mode === 'auto' ? request.maxImages : undefined,
    temperature: mode === 'image' ? undefined : request.temperature,
    seed: request.seed,
    ...(mode !== 'text' && {
      num_inference_steps: request.numInferenceSteps,
      guidance_scale: request.guidanceScale,
      image_guidance_scale: request.imageGuidanceScale,
      scheduler: request.scheduler,
      negative_prompt: request.negativePrompt,
    }),
  });
}

function message(prompt: string, images: GenerationRequest['images']): object {
  const text = prompt === '' ? [] : [{ type: 'input_text', text: prompt }];
  const files = images.map(({ dataUri }) => ({ type: 'input_image', image_url: dataUri }));
  return { role: 'user', content: [...files, ...text] };
}

function withoutUndefined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
