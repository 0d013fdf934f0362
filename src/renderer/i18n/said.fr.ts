/**
 * The relay's sentences in French, by their code (daemon/contract/sentences.ts). A code without French does not compile, and
 * each has the same facts as the English. `{{role}}` and the like are said in French where they are words of ours.
 */
import type { nouns as english, SaidCode } from '../../../daemon/contract/sentences.ts';
import { findings } from './findings.fr.ts';
import { notices } from './notices.fr.ts';

export const sentences: Readonly<Record<SaidCode, string | readonly [one: string, many: string]>> = {
  ...notices,
  ...findings,
  'hold.protected': 'Ce compte est protégé',
  'hold.protected-group': 'Ce compte est protégé comme membre de {{group}}',
  'hold.protected-filter': 'Ce compte est protégé par le filtre de la règle',
  'hold.filter-unreadable': 'Le filtre des comptes protégés est illisible : tout le monde est donc protégé',
  'hold.source-shrank': 'La source a fondu : {{gone#}} des {{before#}} personnes de {{source}} ont disparu en un cycle',
  'hold.group-shrank':
    'La source a fondu : {{gone#}} des {{before#}} personnes du groupe {{group}} de {{source}} ont disparu en un cycle',
  'hold.removal': 'Tout retrait de Steeple attend une personne',
  'hold.removal-alone': 'Tout retrait de Steeple attend une personne, et {{communities}} resterait sans administrateur',
  'hold.last-administrator': '{{communities}} resterait sans administrateur',
  'hold.last-access': 'C’est le dernier accès de cette personne',
  'hold.group-gone': 'Le groupe qui le donnait est supprimé ou vide',
  'hold.limit': '{{count#}} changements de ce type en 24 heures, et la limite est de {{limit#}}',
  'hold.source-limit': '{{count#}} changements de ce type pour {{source}} en 24 heures, et la limite est de {{limit#}}',
  'hold.group-limit': '{{count#}} départs de {{group}} en 24 heures, et la limite est de {{limit#}}',
  'hold.first-sync':
    'À sa première activation, une synchronisation ajoute et met à jour ; ce qu’elle retirerait attend une personne',
  'hold.take-back':
    'La synchronisation a été désactivée, et ce compte, créé dans Steeple par le relais, doit être repris',
  'hold.together': 'Il va avec le même groupe que son accès à {{community}}, où un changement attend',
  'hold.name-taken': 'Dans Steeple, « {{name}} » est encore le nom d’un compte qu’aucune source ne connaît plus',

  'lost.posts':
    'Ses publications dans Steeple deviennent invisibles, et seul le support de Steeple peut réattribuer celles d’une personne retirée. Le compte lui-même peut revenir.',
  'returns.access': 'L’accès revient avec son rôle quand la source, ou une annulation, le redonne.',
  'returns.role': 'Le rôle plus élevé revient quand la source, ou une annulation, le redonne.',
  'returns.new-account':
    'Un nouveau compte de même nom et de même e-mail, avec ses communautés et ses rôles, quand la source réactive la personne, ou par une annulation. Pour Steeple, c’est un autre compte.',
  'returns.account':
    'Le compte, avec ses communautés et ses rôles, quand la source réactive la personne, ou par une annulation.',

  'decision.unknown': 'L’élément {{item#}} n’existe pas',
  'decision.just-decided': 'L’élément {{item#}} vient d’être décidé par quelqu’un d’autre',
  'decision.not-approved': 'L’élément {{item#}} ({{userName}}) est {{state}} : il ne peut pas être approuvé',
  'decision.not-kept': 'L’élément {{item#}} ({{userName}}) est {{state}} : il ne peut pas être conservé',
  'decision.not-undone': 'L’élément {{item#}} ({{userName}}) est {{state}} : la décision ne peut pas être annulée',
  'decision.standing':
    'L’élément {{item#}} ({{userName}}) part par une approbation permanente, qui l’approuverait de nouveau ; conservez-le plutôt',
  'decision.same-person': '{{by}} a déjà approuvé l’élément {{item#}}, et la règle demande deux personnes différentes',
  'decision.same-session':
    'L’élément {{item#}} a été approuvé dans cette même session, et la règle demande deux personnes différentes, chacune dans la sienne',
  'decision.count': [
    'Le filtre trouve maintenant {{count#}} élément, et non {{wanted#}} : regardez de nouveau',
    'Le filtre trouve maintenant {{count#}} éléments, et non {{wanted#}} : regardez de nouveau',
  ],
  'decision.until-past': 'La date jusqu’à laquelle conserver est déjà passée',
  'decision.until-keep': 'Seul ce qui est conservé peut l’être jusqu’à une date',

  'changed.withdrawn': 'La source est revenue sur le changement : il n’y a plus rien à décider',
  'changed.state': 'Il est {{state}} depuis, et était {{before}}',
  'changed.state-by': 'Il est {{state}} par {{by}} depuis, et était {{before}}',
  'changed.another': 'Il s’agit maintenant d’un autre changement',
  'changed.rule': 'Il attend maintenant pour une autre raison ({{rule}} ; avant : {{before}})',
  'changed.first-gone': 'Sa première approbation a été retirée depuis',
  'changed.decided': 'Quelqu’un a décidé depuis, et cette décision a été annulée. Regardez-le tel qu’il est maintenant',
  'changed.first': '{{by}} l’a approuvé depuis',
  'changed.access': 'Ce que la personne a dans Steeple a changé : maintenant {{access}} ; avant : {{before}}',

  'file.not-json': 'Ce n’est pas {{file~format}} : ce n’est pas du JSON, ou le fichier est tronqué',
  'file.not': 'Ce n’est pas {{file~format}}',
  'file.other': 'C’est {{other~format}}, et non {{file~format}}',
  'file.version': 'Ce fichier est de version {{version}}, et seule la version 1 est comprise ici',
  'file.incomplete': 'Ce n’est pas {{file~format}} : il en manque une partie',
  'file.unreadable': 'Il est endommagé : une clé ou une signature est illisible',
  'file.tampered': 'Ce fichier a été modifié après sa signature : rien de ce qu’il contient n’est fiable',
  'file.unread': 'Il est illisible ; regardez le dossier et son disque',
  'file.decisions': 'Ce n’est pas un fichier de décisions : une partie manque ou n’est pas comprise',
  'bundle.other-relay': 'Ce fichier de revue nomme un autre relais que celui qui l’a signé',
  'bundle.key': 'La clé de ce fichier de revue ne peut pas être ouverte',
  'bundle.passphrase': 'Ce n’est pas la phrase secrète de ce fichier de revue',
  'bundle.expired': 'Ce fichier de revue a expiré le {{when}} UTC. Demandez-en un nouveau',
  'bundle.item': 'Il n’y a pas d’élément {{item#}} dans ce fichier de revue',
  'bundle.reason': 'Chaque décision demande un motif',
  'bundle.not-yours': 'Ce n’est pas la clé de {{reviewer}}, pour qui le fichier de revue a été fait',
  'bundle.empty': 'Rien de ce que trouve le filtre n’attend une personne',
  'bundle.too-many': 'Le filtre trouve {{total#}} éléments ; un fichier de revue en contient {{most#}} au plus',
  'bundle.enrolled': '{{reviewer}} a sa propre clé, et n’a pas besoin de phrase secrète',
  'decisions.foreign': 'Ces décisions portent sur un fichier de revue que ce relais n’a pas fait',
  'decisions.signed':
    'Ces décisions ne sont pas signées avec la clé de {{reviewer}}, pour qui le fichier de revue a été fait',
  'decisions.item': 'Ces décisions portent sur l’élément {{item#}}, qui n’était pas dans le fichier de revue',
  'reviewer.key': 'Ce n’est pas une clé publique. `review keygen` en crée une, et l’affiche',
  'reviewer.unknown': 'Aucun réviseur « {{name}} » n’est inscrit',

  'undo.foreign': '{{file}} n’a pas été écrit par ce relais',
  'undo.nobody': '{{file}} ne dit rien de ces personnes',
  'undo.missing': 'Il n’y a pas de fichier d’annulation {{file}}',
  'undo.unknown-person': 'Cet annuaire ne connaît pas cette personne',
  'undo.namesake': 'Quelqu’un d’autre s’appelle maintenant {{userName}}',
  'undo.switched-off': 'La source a désactivé la personne depuis ; rétablissez-la d’abord',
  'undo.mirror':
    '{{community}} : {{role}} revient quand le fournisseur remet la personne dans son groupe (mode miroir)',
  'undo.unlinked': 'Plus rien n’est lié à {{community}} : {{role}}',
  'undo.no-pin': 'Rien de ce qu’une annulation a rétabli ne tient pour cette personne',

  'plan.unknown':
    'Il n’y a pas de plan {{plan}} ; seuls sont là ceux conservés sous un nom et les cinquante derniers autres',
  'plan.no-operation': 'Le plan {{plan}} n’a pas d’opération {{order#}}',
  'plan.draft':
    'Le plan {{plan}} est celui d’un brouillon. Publiez le brouillon, faites un plan de ce qui est publié, et activez celui-là',
  'plan.stale':
    'Le plan {{plan}} est périmé : ce qui serait retiré, abaissé ou laissé sans accès a changé depuis. Regardez le nouveau plan, {{next}}, et activez celui-là.',
  'plan.no-email': ['{{count#}} personne n’a pas d’adresse e-mail', '{{count#}} personnes n’ont pas d’adresse e-mail'],
  'plan.no-name': ['{{count#}} personne n’a pas de nom', '{{count#}} personnes n’ont pas de nom'],
  'plan.no-community': [
    '{{count#}} personne n’est dans aucune communauté',
    '{{count#}} personnes ne sont dans aucune communauté',
  ],
  'plan.cycle': 'Ces groupes se contiennent en boucle, ce qui ne change l’accès de personne : {{groups}}',
  'plan.broken-link': 'Le lien de {{source}} à {{community}} ({{role}}) est rompu : son groupe {{group}} a disparu',
  'plan.taking-back': [
    'Ce que le relais a créé dans Steeple est en train d’être repris, et {{count#}} compte s’y trouve encore ; activer la synchronisation y met fin',
    'Ce que le relais a créé dans Steeple est en train d’être repris, et {{count#}} comptes s’y trouvent encore ; activer la synchronisation y met fin',
  ],
  'plan.take-back-stays': [
    '{{count#}} compte était dans Steeple avant le relais : il reste tel quel, et n’est pas compté ici',
    '{{count#}} comptes étaient dans Steeple avant le relais : ils restent tels quels, et ne sont pas comptés ici',
  ],
  'plan.take-back':
    'Le plan {{plan}} est celui d’une reprise de ce que le relais a créé dans Steeple, et ne dit rien de la synchronisation. Établissez un plan, et activez celui-là',
  'operation.create-user': 'Créer {{userName}}',
  'operation.change-user': 'Modifier {{attributes}} de {{userName}}',
  'operation.park-user': 'Écarter {{userName}}, pour échanger deux noms',
  'operation.deactivate-user': 'Désactiver {{userName}}',
  'operation.delete-user': 'Supprimer {{userName}}',
  'operation.create-group': 'Créer le groupe {{group}}',
  'operation.rename-group': 'Renommer le groupe en {{group}}',
  'operation.delete-group': 'Supprimer le groupe {{group}}',
  'operation.add-remove': 'Ajouter {{added#}} et retirer {{removed#}} dans {{group}}',
  'operation.add': 'Ajouter {{added#}} dans {{group}}',
  'operation.remove': 'Retirer {{removed#}} dans {{group}}',
  'sync.on': 'La synchronisation est déjà activée',
  'sync.off': 'La synchronisation est déjà arrêtée',
  'sync.taking-back': 'Ce que le relais a créé dans Steeple est déjà en train d’être repris',
  'sync.take-back-owed':
    'Reprendre ce que le relais a créé dans Steeple abandonne ce qui est encore dû : dites-le aussi (owed: drop)',
  'sync.blocked': 'La synchronisation ne peut pas encore être activée ; `preflight` dit que faire :',
  'sync.not-green': 'Tout n’est pas au vert ; `preflight` dit que faire. Ou acceptez-le nommément ({{codes}}) :',
  'source.inactive': 'Il n’y a pas de source active « {{source}} » ; `source list` montre celles qui existent',
  'external.not-stranger':
    '{{account}} n’est pas un compte inconnu : à la dernière lecture, Steeple n’a aucun compte de cet identifiant qu’aucune source ne connaisse. `plan` les énumère',

  'diff.link-added': '{{group}} ({{source}}) donne désormais {{role}} dans {{community}}',
  'diff.link-added-rule': '{{group}} ({{source}}) donne désormais {{role}} dans {{community}}, par la règle {{rule}}',
  'diff.link-removed': '{{group}} ({{source}}) ne donne plus {{role}} dans {{community}}',
  'diff.link-changed': '{{group}} ({{source}}) donne {{role}} au lieu de {{was}} dans {{community}}',
  'diff.link-changed-rule':
    '{{group}} ({{source}}) donne {{role}} au lieu de {{was}} dans {{community}}, par la règle {{rule}}',
  'diff.rule-added':
    'La règle {{rule}} est nouvelle : les groupes de {{source}} appelés « {{pattern}} » donnent {{role}} dans la communauté dont * est {{star~star}}',
  'diff.rule-removed':
    'La règle {{rule}} disparaît : les groupes de {{source}} appelés « {{pattern}} » donnent {{role}} dans la communauté dont * est {{star~star}}',
  'diff.rule-changed':
    'La règle {{rule}} change : les groupes de {{source}} appelés « {{pattern}} » donnent {{role}} dans la communauté dont * est {{star~star}} ; avant, les groupes de {{wasSource}} appelés « {{wasPattern}} » donnaient {{wasRole}} dans la communauté dont * est {{wasStar~star}}',
  'diff.mode': 'Le mode passe de {{before}} à {{now}}',
  'diff.template': 'Le modèle des noms de groupes passe de {{before}} à {{now}}',
  'diff.roles': 'La liste des rôles passe de {{before}} à {{now}}',
  'draft.none': 'Il n’y a pas de brouillon : rien n’a changé depuis la dernière version',
  'draft.changed':
    'Le brouillon n’est plus celui que vous avez vu : {{author}} l’a modifié depuis. Rien n’a été changé ; regardez-le de nouveau.',
  'draft.gone':
    'Le brouillon n’est plus celui que vous avez vu : il a été publié ou abandonné. Rien n’a été changé ; regardez de nouveau.',
  'draft.conflict':
    'La version {{version#}} est en vigueur depuis, par {{author}}, et le brouillon partait de la version {{base#}}. {{what}}. Rien n’a été publié : refaites le brouillon sur la version {{version#}}, regardez la différence, et publiez-le.',
  'draft.conflict-note':
    'La version {{version#}} est en vigueur depuis, par {{author}} ({{note}}), et le brouillon partait de la version {{base#}}. {{what}}. Rien n’a été publié : refaites le brouillon sur la version {{version#}}, regardez la différence, et publiez-le.',
  'mapping.no-version': 'Il n’y a pas de version {{version#}} des correspondances',
  'mapping.no-group': '« {{source}} » n’a pas de groupe d’identifiant « {{id}} »',
  'mapping.no-group-external': '« {{source}} » n’a pas de groupe d’externalId « {{externalId}} »',
  'mapping.no-group-named': '« {{source}} » n’a pas de groupe appelé « {{group}} »',
  'mapping.many-groups-external':
    '« {{source}} » a {{count#}} groupes d’externalId « {{externalId}} » : désignez-le par son externalId ou son id',
  'mapping.many-groups-named':
    '« {{source}} » a {{count#}} groupes appelés « {{group}} » : désignez-le par son externalId ou son id',
  'mapping.no-community': 'Il n’y a pas de communauté « {{community}} » dans le catalogue',
  'mapping.no-role': 'Il n’y a pas de rôle « {{role}} »',
  'mapping.no-role-use': 'Il n’y a pas de rôle « {{role}} » : utilisez {{roles}}',
  'mapping.no-role-rule': 'Il n’y a pas de rôle « {{role}} » parmi les rôles',
  'mapping.no-source': 'Il n’y a pas de source « {{source}} »',
  'mapping.no-rule': 'Il n’y a pas de règle « {{rule}} » parmi les règles',
  'mapping.no-rule-draft': 'Il n’y a pas de règle « {{rule}} » dans le brouillon',
  'mapping.unlisted-role': [
    'Un lien donne le rôle « {{role}} », qui n’est pas dans la liste',
    '{{count#}} liens donnent le rôle « {{role}} », qui n’est pas dans la liste',
  ],
  'mapping.unlisted-role-rule': 'La règle « {{rule}} » donne le rôle « {{role}} », qui n’est pas dans la liste',
  'mapping.role-twice': 'Le rôle « {{role}} » figure deux fois dans la liste',
  'mapping.rank-twice': '« {{role}} » a déjà le rang {{rank#}} : on ne sait pas lequel l’emporte',
  'mapping.rule-twice': 'La règle « {{rule}} » figure deux fois dans la liste',
  'mapping.link-twice': 'Ce lien y est déjà, en links.{{at#}}',
  'mapping.name-clash':
    '« {{template}} » donne le même nom de groupe à {{community}} comme {{role}} et à {{otherCommunity}} comme {{otherRole}}',
  'mapping.not-json': 'Ce n’est plus du JSON à partir de {{found}}',
  'mapping.not-json-end': 'Ce n’est pas du JSON : le texte s’arrête trop tôt',
  'mapping.key-twice': '« {{key}} » y figure deux fois',
  'mapping.key-unknown': 'Rien ne s’appelle « {{key}} » ici',
  'mapping.group-key': 'Désignez le groupe par l’un de ceux-ci : {"externalId": …}, {"id": …} ou {"displayName": …}',
  'proposal.unknown': 'Il n’y a pas de proposition {{id#}}',
  'proposal.moved-on':
    'La proposition {{id#}} ({{group}} vers {{community}}) est {{state}}, et non {{wanted}}. Rien n’a été décidé ; regardez de nouveau.',

  'policy.unknown': 'Il n’y a pas de règle « {{key}} ». Il y a : {{keys}}',
  'policy.standing': 'Une approbation permanente s’active par policy.stand, et prend fin par policy.unstand',
  'policy.no-standing': 'Il n’y a pas d’approbation permanente {{id}}',
  'policy.no-proposal': 'Aucun changement de la règle n’attend une seconde personne',
  'policy.end-past': 'La date de fin est déjà passée',
  'policy.same-person':
    '{{by}} l’a déjà proposé. Cela assouplit la règle, et il faut quelqu’un d’autre, dans sa propre session',
  'policy.time-zone': 'Heures calmes : il n’y a pas de fuseau horaire « {{timeZone}} » ; un nom s’écrit Europe/Paris',
  'alarm.none': 'Aucune alerte n’est levée pour la source « {{source}} »',
};

export const nouns: { readonly [L in keyof typeof english]: Readonly<Record<keyof (typeof english)[L], string>> } = {
  format: {
    'steeple-review': 'un fichier de revue',
    'steeple-decisions': 'un fichier de décisions',
    'steeple-undo': 'un fichier d’annulation',
  },
  ending: {
    'listener-certificate': 'Le certificat du relais',
    'client-authority': 'L’autorité des clients',
    'upstream-certificate': 'Le certificat de Steeple',
    authority: 'L’autorité',
    'upstream-token': 'Le jeton de Steeple',
    'api-token': 'Le jeton de l’API publique de Steeple',
    'old-source-token': 'L’ancien jeton de la source',
  },
  star: { either: 'l’identifiant ou le nom', id: 'l’identifiant', name: 'le nom' },
};
