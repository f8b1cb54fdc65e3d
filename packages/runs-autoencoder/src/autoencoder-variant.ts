import type {
  AutoencoderBottleneck,
  AutoencoderModelParams,
  AutoencoderParams,
} from '@transfusion/modality-image';
import type { PeriodicParamUpdate } from '@transfusion/trainer';

/** Everything that differs between runs of Gaussian and VQ autoencoders. */
export interface AutoencoderVariant<P extends AutoencoderParams = AutoencoderParams> {
  readonly bottleneck: AutoencoderBottleneck<P>;
  /** Updates of the parameters between steps. */
  readonly paramUpdate?: PeriodicParamUpdate<AutoencoderModelParams<P>>;
  /** Writes the trained autoencoder into a folder, for the variant's reader. */
  writeAutoencoder(folder: string, params: P): Promise<void>;
}
