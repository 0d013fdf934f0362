/** English: reviewers with a key of their own. */
export const reviewers = {
  'settings.reviewers': 'Reviewers',
  'reviewers.lead':
    'Who decides on bundles in their own name, with a key of their own. Under the two-person rule whoever makes a bundle cannot be the second person by its passphrase; an enrolled reviewer can.',
  'reviewers.none': 'No reviewer is enrolled',
  'reviewers.noneWhy':
    'Bundles are then opened with a passphrase. Enrol somebody to have their decisions signed with a key that only they have.',
  'reviewers.add': 'Enrol a reviewer…',
  'reviewers.add.title': 'Enrol a reviewer',
  'reviewers.add.do': 'Enrol',
  'reviewers.add.words':
    'They make a key of their own, keep its file to themselves, and give you the public key. Compare its fingerprint with them by another way, such as the phone.',
  'reviewers.nameWhy': 'Their decisions are recorded in this name.',
  'reviewers.key': 'Public key',
  'reviewers.keyWhy':
    'As the page “Your own key” or `steeple-relay review keygen` showed it to them: 43 letters and digits.',
  'reviewers.keyWrong':
    'This is not a public key. It has 43 letters and digits; the file of a private key does not belong here.',
  'reviewers.replaces': '{{name}} is enrolled already. The new key takes the place of the old one.',
  'reviewers.end.title': '{{name}} is no reviewer any more',
  'reviewers.end.words':
    'Bundles that were made for them already can still be decided on until they expire. New ones need a passphrase.',
  'reviewers.yours': 'Your own key',
  'reviewers.yours.lead':
    'If you are the reviewer: make your key here, on your own computer. The private half is saved as a file, and stays with you; the public half is what you give to the administrator.',
  'reviewers.make': 'Make a key',
  'reviewers.read': 'Show the public key of a file',
  'reviewers.made': 'Give this public key to the administrator',
  'reviewers.madeWhy': 'Keep the file to yourself: whoever has it decides in your name.',
  'reviewers.relay': 'This relay',
  'reviewers.relay.lead':
    'Tell reviewers this fingerprint, by another way than the bundle. They compare it before they decide.',
} as const;
