/** Why a letter is dead: what its reason says, or what is concluded where it has none. */
export interface Cause {
  readonly errorClass: string;
  readonly message: string;
  /** Equal for "the same again". */
  readonly fingerprint: string;
  /** Whether the worker wrote it down; otherwise it is concluded from what is known. */
  readonly recorded: boolean;
}
