/** Texts of the error numbers this product meets: Linux (`os.strerror`) and DIRAC (`Core/Utilities/DErrno.py`). */
const texts: ReadonlyMap<number, string> = new Map([
  [1, 'Operation not permitted'],
  [2, 'No such file or directory'],
  [5, 'Input/output error'],
  [7, 'Argument list too long'],
  [11, 'Resource temporarily unavailable'],
  [12, 'Cannot allocate memory'],
  [13, 'Permission denied'],
  [16, 'Device or resource busy'],
  [17, 'File exists'],
  [20, 'Not a directory'],
  [21, 'Is a directory'],
  [22, 'Invalid argument'],
  [38, 'Function not implemented'],
  [39, 'Directory not empty'],
  [70, 'Communication error on send'],
  [93, 'Protocol not supported'],
  [95, 'Operation not supported'],
  [110, 'Connection timed out'],
  [111, 'Connection refused'],
  [125, 'Operation canceled'],
  [1002, 'No such method or function'],
  [1003, 'Configuration error'],
  [1110, 'DISET Error'],
  [1111, 'Unauthorized query'],
  [1130, 'Database Error'],
  [1131, 'MySQL Error'],
  [1400, 'Section is not found'],
  [1601, 'Bad file size'],
  [1603, 'Bad checksum'],
  [1604, 'FileCatalog error'],
  [2000, 'Unknown Resource Failure'],
  [2001, 'Resource not available'],
  [2002, 'Unknown Resource'],
]);

/** The text DIRAC puts in front of a message with this number (`DErrno.strerror`). */
export function strerror(errno: number): string {
  return errno === 0 ? 'Undefined error' : (texts.get(errno) ?? `Unknown error ${errno}`);
}
