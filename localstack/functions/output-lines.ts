/** Receives a function's output: its lines, and the marker that ends an invocation's output. */
export interface OutputListener {
  line(text: string): void;
  /** A line of work that the invocation `requestId` left running after its response. */
  lateLine(text: string, requestId: string): void;
  /** Everything that the invocation `requestId` wrote has been delivered. */
  end(requestId: string): void;
}

const markers = /\0(end|late) ([0-9a-f-]{36})(?: |$)/;

/** A longer line is delivered in pieces of this many characters. Lambda also cuts log events, at 256 KB. */
const longestLine = 262_144;

/** Returns a function that takes decoded output as it arrives, and passes it to the listener line by line. */
export function outputLines(listener: OutputListener): (chunk: string) => void {
  let rest = '';
  const deliver = (line: string): void => {
    const marker = line.includes('\0') ? markers.exec(line) : null;
    if (!marker) {
      listener.line(line);
      return;
    }
    // If the function did not end its last line, that line is before the marker.
    if (marker.index > 0) listener.line(line.slice(0, marker.index));
    const requestId = marker[2] ?? '';
    if (marker[1] === 'end') listener.end(requestId);
    else listener.lateLine(line.slice(marker.index + marker[0].length), requestId);
  };
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) deliver(line);
    if (rest.length < longestLine) return;
    deliver(rest);
    rest = '';
  };
}
