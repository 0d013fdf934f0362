/**
 * What the relay itself says, in French. It speaks English, to the log, the command line and every page alike, and its
 * sentences are few; here each is recognised by its shape. One that is not known (a newer relay's, or words of Steeple's
 * own inside an answer) stays as it is, marked as English.
 */
type Rule = readonly [said: RegExp, ...french: readonly [(...parts: string[]) => string] | readonly [string]];

const some = (count: string | undefined, one: string, many: string): string =>
  count === '1' ? `1 ${one}` : `${count} ${many}`;
const route =
  'Vérifiez que cette machine peut l’atteindre : le pare-feu, le proxy, et que le service fonctionne, depuis cette machine.';

const rules: readonly Rule[] = [
  // a plan's warnings
  [
    /^(\d+) (?:people|person) (?:have|has) no e-mail address$/,
    (n) => some(n, 'collaborateur n’a pas d’adresse e-mail', 'collaborateurs n’ont pas d’adresse e-mail'),
  ],
  [
    /^(\d+) (?:people|person) (?:are|is) in no community$/,
    (n) => some(n, 'collaborateur n’est dans aucune communauté', 'collaborateurs ne sont dans aucune communauté'),
  ],
  [
    /^These groups contain each other in a ring, which changes nobody's access: (.+)$/,
    (names) => `Ces groupes se contiennent en boucle, ce qui ne change l’accès de personne : ${names}`,
  ],
  [
    /^The link from (.+) to (.+) \((.+)\) is broken: its group (.+) is gone$/,
    (source, community, role, group) =>
      `Le lien de ${source} à ${community} (${role}) est rompu : son groupe ${group} a disparu`,
  ],
  // a plan's operations
  [/^Create the group (.+)$/, (name) => `Créer le groupe ${name}`],
  [/^Rename the group to (.+)$/, (name) => `Renommer le groupe en ${name}`],
  [/^Delete the group (.+)$/, (name) => `Supprimer le groupe ${name}`],
  [
    /^Add (\d+), remove (\d+) in (.+)$/,
    (added, removed, name) => `Ajouter ${added} et retirer ${removed} dans ${name}`,
  ],
  [/^Add (\d+) in (.+)$/, (n, name) => `Ajouter ${n} dans ${name}`],
  [/^Remove (\d+) in (.+)$/, (n, name) => `Retirer ${n} dans ${name}`],
  [/^Create (.+)$/, (name) => `Créer ${name}`],
  [/^Change (.+) of (.+)$/, (paths, name) => `Modifier ${paths} de ${name}`],
  [/^Move (.+) aside, so that two names can be swapped$/, (name) => `Écarter ${name}, pour échanger deux noms`],
  [/^Deactivate (.+)$/, (name) => `Désactiver ${name}`],
  [/^Delete (.+)$/, (name) => `Supprimer ${name}`],
  // why something is held
  [
    /^(\d+) such changes in 24 hours, and the limit is (\d+)$/,
    (n, most) => `${n} changements de ce type en 24 heures, et la limite est de ${most}`,
  ],
  [
    /^(\d+) people leave (.+) in 24 hours, and the limit is (\d+)$/,
    (n, group, most) => `${n} départs de ${group} en 24 heures, et la limite est de ${most}`,
  ],
  [/^(.+) would be left without an administrator$/, (name) => `${name} resterait sans administrateur`],
  // what comes back of something held
  [
    /^The membership comes back with its role when the source, or an undo, gives it again\.$/,
    'L’accès revient avec son rôle quand la source, ou une annulation, le redonne.',
  ],
  [
    /^A new account with the same name and e-mail, and its communities and roles, when the source makes them active again, or by an undo\. It is another account for Steeple\.$/,
    'Un nouveau compte de même nom et de même e-mail, avec ses communautés et ses rôles, quand la source réactive la personne, ou par une annulation. Pour Steeple, c’est un autre compte.',
  ],
  [
    /^The account, and its communities and roles, when the source makes them active again, or by an undo\.$/,
    'Le compte, avec ses communautés et ses rôles, quand la source réactive la personne, ou par une annulation.',
  ],
  [
    /^The higher role comes back when the source, or an undo, gives it again\.$/,
    'Le rôle revient quand la source, ou une annulation, le redonne.',
  ],
  // what became of a delivery
  [/^Steeple refused it$/, 'Steeple l’a refusé'],
  [/^Retry it, or drop it\.$/, 'Renvoyez-la, ou abandonnez-la.'],
  [
    /^Steeple answered 404 to the creation itself\. Check that the SCIM URL is the one that Steeple shows$/,
    'Steeple a répondu 404 à la création même. Vérifiez que l’URL SCIM est celle que montre Steeple',
  ],
  [
    /^Check that the SCIM URL is the one Steeple shows, then retry\.$/,
    'Vérifiez que l’URL SCIM est celle que montre Steeple, puis renvoyez.',
  ],
  [
    /^Steeple finds it by name, and answers 404 to its id$/,
    'Steeple le trouve par son nom, et répond 404 à son identifiant',
  ],
  [/^Steeple says the name is taken: (.*)$/s, (detail) => `Steeple dit que le nom est pris : ${detail}`],
  [
    /^Find the account that holds this name in Steeple, free or delete it there, then retry\.$/,
    'Trouvez dans Steeple le compte qui porte ce nom, libérez-le ou supprimez-le, puis renvoyez.',
  ],
  [/^Steeple refused it \((\d+)\): (.*)$/s, (status, detail) => `Steeple l’a refusé (${status}) : ${detail}`],
  [
    /^Correct the value at the identity provider; its next push replaces this delivery\. Or retry, or drop it\.$/,
    'Corrigez la valeur chez le fournisseur d’identité : son prochain envoi remplacera cette livraison. Ou renvoyez-la, ou abandonnez-la.',
  ],
  [
    /^Steeple refuses provisioning until SSO is configured: (.*)$/s,
    (detail) => `Steeple refuse l’approvisionnement tant que le SSO n’est pas configuré : ${detail}`,
  ],
  [
    /^Configure SSO in Steeple, under Administration > Integrations\. Sending resumes by itself\.$/,
    'Configurez le SSO dans Steeple, sous Administration > Intégrations. Les livraisons reprennent d’elles-mêmes.',
  ],
  [
    /^Steeple refused the token \((\d+)\): (.*)$/s,
    (status, detail) => `Steeple a refusé le jeton (${status}) : ${detail}`,
  ],
  [
    /^Copy the Bearer Token again from Steeple, under Administration > Integrations > Identification, and set it with: (.+)$/,
    (command) =>
      `Copiez de nouveau le jeton depuis Steeple, sous Administration > Intégrations > Identification, et donnez-le au relais avec : ${command}`,
  ],
  [/^Steeple asked to slow down \((\d+)\)$/, (status) => `Steeple a demandé de ralentir (${status})`],
  [/^Steeple failed \((\d+)\): (.*)$/s, (status, detail) => `Steeple est en erreur (${status}) : ${detail}`],
  [/^The answer was lost: (.*)$/s, (detail) => `La réponse s’est perdue : ${detail}`],
  [
    /^Steeple answered something that is not SCIM \((\d+)\): (.*)$/s,
    (status, detail) => `La réponse de Steeple n’est pas du SCIM (${status}) : ${detail}`,
  ],
  [/^Steeple cannot be reached: (.*)$/s, (detail) => `Steeple est injoignable : ${french(detail ?? '') ?? detail}`],
  // why no connection was made
  [
    /^(\S+) refused the connection: nothing listens on that port \((\w+)\)$/,
    (host, code) => `${host} refuse la connexion : rien n’écoute sur ce port (${code})`,
  ],
  [
    /^The name (\S+) is not known to the DNS of this machine \((\w+)\)$/,
    (host, code) => `Le DNS de cette machine ne connaît pas le nom ${host} (${code})`,
  ],
  [
    /^There is no route from this machine to (\S+) \((\w+)\)$/,
    (host, code) => `Aucune route de cette machine vers ${host} (${code})`,
  ],
  [
    /^(\S+) did not take the connection in time \((\w+)\)$/,
    (host, code) => `${host} n’a pas accepté la connexion à temps (${code})`,
  ],
  [
    /^No connection to (\S+) could be made \((.+)\)$/,
    (host, code) => `Aucune connexion possible avec ${host} (${code})`,
  ],
  [/^Check the URL and its port\. Check that this machine may reach it: .+$/, `Vérifiez l’URL et son port. ${route}`],
  [/^Check that this machine may reach it: .+$/, route],
  // what runs out
  [
    /^Put the renewed certificate and key in the same files; the relay takes them within a minute\.$/,
    'Mettez le certificat et la clé renouvelés dans les mêmes fichiers ; le relais les prend dans la minute.',
  ],
  [
    /^Put the authority’s new certificate in the same file\.$/,
    'Mettez le nouveau certificat de l’autorité dans le même fichier.',
  ],
  [/^Steeple, or whoever runs that server, must renew it\.$/, 'Steeple, ou qui tient ce serveur, doit le renouveler.'],
  [
    /^Give its successor as well: network set --authorities FILE\.$/,
    'Donnez aussi son successeur (Réglages, Réseau et TLS).',
  ],
  [
    /^Ask Steeple for a new token before then, and set it: upstream set\.$/,
    'Demandez d’ici là un nouveau jeton à Steeple, et donnez-le au relais (Mise en place).',
  ],
  [
    /^Paste the new token at the provider before then, if that is not done yet\.$/,
    'Collez d’ici là le nouveau jeton chez le fournisseur, si ce n’est pas fait.',
  ],
  // what is wrong with the chain
  [/^it is missing\.?$/, 'elle manque.'],
  [
    /^its hash does not cover what it says and the entry before it\.?$/,
    'son empreinte ne couvre pas ce qu’elle dit et l’entrée précédente.',
  ],
  [
    /^its contents are gone, and no decision in the chain erased them to what is left\.?$/,
    'son contenu a disparu, et aucune décision de la chaîne ne l’a effacé ainsi.',
  ],
  [
    /^it is missing, and so is all that followed, up to entry (\d+)\.?$/,
    (seq) => `elle manque, et tout ce qui suivait, jusqu’à l’entrée ${seq}.`,
  ],
  // what an erasure leaves to do
  [
    /^Steeple has its own account and posts of the person: ask Steeple’s support to erase them\.$/,
    'Steeple a son propre compte et les publications de la personne : demandez à l’assistance de Steeple de les effacer.',
  ],
  [
    /^(\d+) backups of the schedule were made before; the last of them goes with the rotation, or delete them\.$/,
    (n) => `${n} sauvegardes planifiées ont été faites avant ; la dernière part avec la rotation, ou supprimez-les.`,
  ],
  [
    /^The archive (.+) is not in its folder: put it back, and it is rewritten at the next start\.$/,
    (file) =>
      `L’archive ${file} n’est pas dans son dossier : remettez-la, et elle sera réécrite au prochain démarrage.`,
  ],
  [
    /^Backups, exports and copies made elsewhere are yours to delete\.$/,
    'Les sauvegardes, exports et copies faits ailleurs sont à supprimer par vous.',
  ],
  [/^Sync was switched off meanwhile$/, 'La synchronisation a été arrêtée entre-temps'],
  // refusals
  [/^Sync is on already$/, 'La synchronisation est déjà activée'],
  [/^Sync is off already$/, 'La synchronisation est déjà arrêtée'],
  [
    /^Item (\d+) has just been decided by somebody else$/,
    (id) => `L’élément ${id} vient d’être décidé par quelqu’un d’autre`,
  ],
  [
    /^Item (\d+) \((.+)\) is (\w+), so it cannot be (.+)$/,
    (id, name) => `L’élément ${id} (${name}) n’est plus dans l’état affiché : la décision ne s’applique pas`,
  ],
  [
    /^(.+) has decided on item (\d+) already, and the policy asks for two different people$/,
    (name, id) => `${name} a déjà décidé de l’élément ${id}, et la règle demande deux personnes différentes`,
  ],
  [
    /^There is no plan (\S+), or it is older than the last fifty$/,
    (id) => `Le plan ${id} n’existe pas, ou il est plus ancien que les cinquante derniers`,
  ],
];

/** The sentence in French, or `undefined` where it is not one we know. */
export function french(said: string): string | undefined {
  for (const [pattern, words] of rules) {
    const found = pattern.exec(said);
    if (found !== null) return typeof words === 'string' ? words : words(...found.slice(1));
  }
  return undefined;
}
