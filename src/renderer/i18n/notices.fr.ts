/** The sentences of daemon/contract/notices.ts in French, as said.fr.ts has the others. */
import type { notices as english } from '../../../daemon/contract/notices.ts';

export const notices: Readonly<Record<keyof typeof english, string | readonly [one: string, many: string]>> = {
  // the pre-flight
  'preflight.sso-said': '{{by}} a confirmé que le SSO est configuré dans Steeple',
  'preflight.sso-unsaid': 'Personne n’a confirmé que le SSO est configuré dans Steeple',
  'preflight.sso-look':
    'Dans Steeple, ouvrez Administration > Intégrations et regardez si le SSO est configuré ; puis confirmez-le ici',
  'preflight.mapping-none': 'Aucune correspondance n’est publiée',
  'preflight.mapping-draw': 'Dessinez quel groupe donne quel rôle où, et publiez',
  'preflight.mapping-empty': 'La version {{version#}} n’a pas de lien : elle ne donne accès à personne',
  'preflight.mapping-draft': [
    'La version {{version#}} est publiée, et un brouillon en diffère par {{count#}} lien',
    'La version {{version#}} est publiée, et un brouillon en diffère par {{count#}} liens',
  ],
  'preflight.mapping-publish':
    'Publiez le brouillon et établissez un nouveau plan, ou continuez avec ce qui est publié',
  'preflight.mapping-fine': [
    'La version {{version#}} est publiée, avec {{count#}} lien',
    'La version {{version#}} est publiée, avec {{count#}} liens',
  ],
  'preflight.plan-none': 'Aucun plan n’a été établi',
  'preflight.plan-make': 'Établissez un plan, et lisez-le',
  'preflight.plan-back': 'Le plan {{plan}} est celui d’une reprise de ce que le relais a créé dans Steeple',
  'preflight.plan-draft': 'Le plan {{plan}} est celui d’un brouillon, ou d’une version antérieure',
  'preflight.plan-publish': 'Publiez le brouillon, et établissez un plan de ce qui est publié',
  'preflight.plan-old':
    'Le plan {{plan}} est celui de la correspondance {{version#}}, et c’est la {{published#}} qui est publiée',
  'preflight.plan-another': 'Établissez un nouveau plan',
  'preflight.plan-fine': 'Le plan {{plan}} est celui de la correspondance publiée',
  'preflight.cycle-nobody': 'Il n’y a pas de source',
  'preflight.cycle-add': 'Ajoutez votre fournisseur d’identité, et laissez-le envoyer tout le monde',
  'preflight.cycle-said': '{{by}} a vu un cycle complet de {{source}}',
  'preflight.cycle-never': '{{source}} n’a encore envoyé personne',
  'preflight.cycle-start': 'Démarrez le provisionnement chez le fournisseur, et attendez son premier cycle',
  'preflight.cycle-memberless': [
    '{{source}} a envoyé {{count#}} groupe, et personne qui en soit membre',
    '{{source}} a envoyé {{count#}} groupes, et personne qui en soit membre',
  ],
  'preflight.cycle-members':
    'Attendez les appartenances, qui viennent en dernier dans un cycle ; ou confirmez que ses groupes sont vides',
  'preflight.cycle-still': [
    '{{source}} a envoyé, puis n’a rien demandé ni envoyé depuis {{count#}} minute : son cycle est donc tenu pour terminé ; aucun fournisseur ne le dit lui-même',
    '{{source}} a envoyé, puis n’a rien demandé ni envoyé depuis {{count#}} minutes : son cycle est donc tenu pour terminé ; aucun fournisseur ne le dit lui-même',
  ],
  'preflight.cycle-busy': [
    '{{source}} s’est manifesté il y a moins de {{count#}} minute : son cycle n’est peut-être pas terminé',
    '{{source}} s’est manifesté il y a moins de {{count#}} minutes : son cycle n’est peut-être pas terminé',
  ],
  'preflight.cycle-wait':
    'Attendez le calme, ou regardez la page du fournisseur et confirmez que son cycle est complet',
  'preflight.counts-here': 'Reçu de {{source}} jusqu’ici : utilisateurs {{users#}}, groupes {{groups#}}',
  'preflight.counts-type': 'Saisissez ce que la page du fournisseur dit avoir dans son périmètre',
  'preflight.counts-match':
    'Reçu de {{source}} jusqu’ici : utilisateurs {{users#}}, groupes {{groups#}}, comme attendu',
  'preflight.counts-users':
    'Reçu de {{source}} jusqu’ici : utilisateurs {{users#}}, groupes {{groups#}} ; attendu : utilisateurs {{wanted#}}',
  'preflight.counts-groups':
    'Reçu de {{source}} jusqu’ici : utilisateurs {{users#}}, groupes {{groups#}} ; attendu : groupes {{wanted#}}',
  'preflight.counts-both':
    'Reçu de {{source}} jusqu’ici : utilisateurs {{users#}}, groupes {{groups#}} ; attendu : utilisateurs {{wantedUsers#}}, groupes {{wantedGroups#}}',
  'preflight.counts-look': 'Regardez qui est affecté chez le fournisseur, ou attendez la fin de son cycle',
  'preflight.removals': ['Le plan retire {{count#}} personne ou accès', 'Le plan retire {{count#}} personnes ou accès'],
  'preflight.removals-looked': [
    'Le plan retire {{count#}} personne ou accès ; {{by}} l’a regardé',
    'Le plan retire {{count#}} personnes ou accès ; {{by}} les a regardés',
  ],
  'preflight.downgrades': ['Le plan abaisse {{count#}} rôle', 'Le plan abaisse {{count#}} rôles'],
  'preflight.downgrades-looked': [
    'Le plan abaisse {{count#}} rôle ; {{by}} l’a regardé',
    'Le plan abaisse {{count#}} rôles ; {{by}} les a regardés',
  ],
  'preflight.strangers': [
    '{{count#}} compte actif dans Steeple qu’aucune source ne nomme perdrait tout accès',
    '{{count#}} comptes actifs dans Steeple qu’aucune source ne nomme perdraient tout accès',
  ],
  'preflight.strangers-looked': [
    '{{count#}} compte actif dans Steeple qu’aucune source ne nomme perdrait tout accès ; {{by}} l’a regardé',
    '{{count#}} comptes actifs dans Steeple qu’aucune source ne nomme perdraient tout accès ; {{by}} les a regardés',
  ],
  'preflight.look': 'Regardez-les dans le plan, et dites que c’est fait',
  'preflight.externals-none': 'Aucun compte externe n’est à revoir',
  'preflight.externals-due': [
    '{{count#}} compte externe devrait déjà être revu',
    '{{count#}} comptes externes devraient déjà être revus',
  ],
  'preflight.externals-look': 'Regardez-les, et fixez une autre date ou retirez la déclaration',

  // alerts
  'alert.journal': 'Le relais ne peut pas prendre d’envois',
  'alert.journal-do': 'Les fournisseurs sont priés de revenir ; faites vite ce qui est dit ici.',
  'alert.token': 'Steeple refuse le jeton',
  'alert.down': 'Steeple ne répond pas',
  'alert.shrank': 'La source {{source}} a fondu',
  'alert.shrank-do': 'Rien n’est retiré à personne tant que quelqu’un n’a pas regardé. Ouvrez la revue.',
  'alert.held': ['Un changement attend une personne', '{{count#}} changements attendent une personne'],
  'alert.held-minutes': 'Le plus ancien attend depuis moins d’une heure.',
  'alert.held-hours': ['Le plus ancien attend depuis une heure.', 'Le plus ancien attend depuis {{count#}} heures.'],
  'alert.held-days': ['Le plus ancien attend depuis un jour.', 'Le plus ancien attend depuis {{count#}} jours.'],
  'alert.held-do': 'Ouvrez la revue, et approuvez ou conservez.',
  'alert.dead': [
    'Steeple a refusé définitivement une écriture',
    'Steeple a refusé définitivement {{count#}} écritures',
  ],
  'alert.dead-rest': 'Tout le reste continue.',
  'alert.dead-do': 'Ouvrez l’activité : chacune dit pourquoi, et que faire.',
  'alert.drift': 'Quelqu’un a modifié Steeple à la main',
  'alert.drift-count': [
    'Un élément n’est plus tel que le relais l’a laissé.',
    '{{count#}} éléments ne sont plus tels que le relais les a laissés.',
  ],
  'alert.drift-do': 'Ouvrez l’activité, et adoptez, rétablissez ou ignorez chacun.',
  'alert.backup': 'La dernière sauvegarde a échoué',
  'alert.backup-do': 'Regardez le dossier où vont les sauvegardes.',
  'alert.external': ['Un compte externe est à revoir', '{{count#}} comptes externes sont à revoir'],
  'alert.external-why': 'Ils avaient été déclarés présents exprès dans Steeple jusqu’à ce jour.',
  'alert.external-do':
    'Demandez à leurs responsables, puis fixez une autre date ou mettez fin à la déclaration (Réglages, Comptes externes).',
  'alert.ends': ['{{what~ending}} : expire dans un jour', '{{what~ending}} : expire dans {{count#}} jours'],
  'alert.ended': '{{what~ending}} : expiré',
  'alert.ends-named': [
    '{{what~ending}} ({{name}}) : expire dans un jour',
    '{{what~ending}} ({{name}}) : expire dans {{count#}} jours',
  ],
  'alert.ended-named': '{{what~ending}} ({{name}}) : expiré',
};
