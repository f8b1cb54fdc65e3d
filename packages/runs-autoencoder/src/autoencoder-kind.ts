import type {
  AutoencoderBottleneck,
  AutoencoderModelParams,
  AutoencoderParams,
} from '@transfusion/modality-image';
import type { Revision } from '@transfusion/trainer';

/** Everything in which runs of autoencoders of different latents differ. */
export interface AutoencoderKind<P extends AutoencoderParams = AutoencoderParams> {
  readonly bottleneck: AutoencoderBottleneck<P>;
  /** Changes of parameters between steps. */
  readonly revision?: Revision<AutoencoderModelParams<P>>;
  /** Writes the folder that the kind's reader reads. */
  write(folder: string, params: P): Promise<void>;
}
