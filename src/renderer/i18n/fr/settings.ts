/** French: Settings. */
import type { settings as english } from '../en/settings.ts';
import type { Phrases } from '../phrases.ts';

export const settings: Phrases<typeof english> = {
  save: 'Enregistrer',
  'settings.lead': 'Ce qui se décide une fois. Chaque changement est consigné au journal sous votre nom.',
  'settings.sections': 'Rubriques des réglages',
  'settings.sources': 'Sources',
  'settings.policy': 'Règles',
  'settings.protected': 'Personnes protégées',
  'settings.appearance': 'Langue et couleurs',
  'settings.about': 'À propos',

  'sources.lead':
    'Les fournisseurs d’identité qui envoient à ce relais. Une même adresse pour tous, un jeton pour chacun.',
  'sources.add': 'Ajouter une source',
  'sources.none': 'La mise en place vous guide pour en ajouter une, avec chaque valeur à copier.',
  'sources.address': 'Adresse à y coller',
  'sources.heard': 'Dernier contact',
  'sources.names': 'Décrit',
  'sources.oldToken': 'Ancien jeton',
  'sources.until': 'valable jusqu’au {{when}}',
  'sources.from': 'Accepté depuis',
  'sources.anywhere': 'toute adresse',
  'sources.from.why':
    'Adresses ou plages, une par ligne : 192.0.2.7, 192.0.2.0/24, 2001:db8::/32. Vide : les requêtes sont acceptées de partout.',
  'sources.rate': 'Fréquence',
  'sources.rate.label': 'Requêtes par seconde',
  'sources.rate.why': 'Au-delà, la réponse est « trop de requêtes » et le fournisseur réessaie. Vide : aucune limite.',
  'sources.rate.wrong': 'Un nombre entier de 1 à 100 000, ou rien',
  'sources.anyRate': 'sans limite',
  'sources.perSecond_one': 'une requête par seconde',
  'sources.perSecond_other': '{{count, number}} requêtes par seconde',
  'sources.refused': 'Refusées depuis le démarrage',
  'sources.rotate': 'Nouveau jeton…',
  'sources.rotate.title': 'Un nouveau jeton pour {{name}}',
  'sources.rotate.words':
    'Collez le nouveau jeton chez le fournisseur tant que l’ancien fonctionne : aucun envoi ne sera refusé entre-temps.',
  'sources.rotate.do': 'Créer le nouveau jeton',
  'sources.overlap': 'Heures pendant lesquelles l’ancien jeton reste valable',
  'sources.overlap.why': 'De 0 (il cesse aussitôt) à 720, soit trente jours.',
  'sources.overlap.wrong': 'Un nombre de 0 à 720',
  'sources.newToken': 'Copiez le nouveau jeton maintenant',
  'sources.once':
    'Il n’est affiché qu’une fois ; le relais n’en garde qu’une empreinte. Collez-le chez le fournisseur.',
  'sources.copied': 'C’est copié',
  'sources.limits': 'Limites…',
  'sources.limits.title': 'D’où, et à quelle fréquence, {{name}} peut envoyer',
  'sources.revoke': 'Révoquer…',
  'sources.revoke.title': 'Révoquer {{name}}',
  'sources.revoke.risk': 'Son jeton cesse de fonctionner aussitôt, sans retour possible.',
  'sources.revoke.words':
    'Les {{users}} personnes et {{groups}} groupes qu’elle décrit restent tels quels, et personne ne perd d’accès. Mais ce qui change chez le fournisseur n’arrive plus ici. Pour l’entendre de nouveau, ajoutez une nouvelle source.',
  'sources.revoke.do': 'Révoquer définitivement',

  'policy.removals': 'Suppressions',
  'policy.removals.lead':
    'Toute personne qui serait supprimée, ou perdrait son dernier accès, attend l’accord de quelqu’un.',
  'policy.removal': 'Une suppression approuvée',
  'policy.removal.deactivate': 'Désactive le compte',
  'policy.removal.delete': 'Efface le compte',
  'policy.removal.deactivate.why':
    'Le compte peut être réactivé. Ses publications deviennent invisibles ; seule l’assistance de Steeple peut les réattribuer.',
  'policy.removal.delete.why':
    'Le compte disparaît définitivement, sans retour. Ses publications deviennent invisibles ; seule l’assistance de Steeple peut les réattribuer.',
  'policy.twoPerson': 'Accord donné par',
  'policy.twoPerson.why': 'À deux, la seconde personne doit être une autre que la première.',
  'policy.twoPerson.one': 'Une personne',
  'policy.twoPerson.two': 'Deux personnes différentes',
  'policy.limits': 'Limites sur 24 heures',
  'policy.limits.lead':
    'Avec {{active}} personnes actives, la limite est de {{limit}} changements d’un même type en 24 heures. Ce qui la dépasserait attend, quelle que soit la personne.',
  'policy.limitPercent': 'Part des personnes actives',
  'policy.limitPercent.why': 'Suppressions, accès retirés et rôles abaissés sont comptés séparément.',
  'policy.limitCap': 'Mais jamais plus de',
  'policy.limitCap.why': 'Dans une grande entreprise, la part seule en laisserait partir trop à la fois.',
  'policy.limitFloor': 'Et jamais moins de',
  'policy.limitFloor.why': 'Dans une petite entreprise, la part seule retiendrait tout le monde.',
  'policy.groupPercent': 'Part d’un même groupe',
  'policy.groupPercent.why': 'Au-delà, les départs d’un même groupe en 24 heures attendent.',
  'policy.groupOver': 'Comptée dans les groupes de plus de',
  'policy.groupOver.why': 'Dans les plus petits, quelques personnes font vite une grande part.',
  'policy.sending': 'Envoi',
  'policy.sending.lead':
    'Ce qui est demandé à Steeple en même temps. Les valeurs par défaut conviennent à la plupart des organisations.',
  'policy.membersPerPatch': 'Personnes par requête sur un groupe',
  'policy.membersPerPatch.why': 'Steeple en accepte 100 au plus ; un proxy intermédiaire peut en accepter moins.',
  'policy.inFlight': 'Requêtes simultanées',
  'policy.inFlight.why': 'Moins, si Steeple répond qu’on lui en demande trop.',
  'policy.between': 'Un nombre de {{least}} à {{most}}',
  'policy.noLimit': 'À 100 %, seul le nombre ci-dessus limite les suppressions d’une journée.',

  'protected.lead':
    'Jamais supprimées ni abaissées sans l’accord de quelqu’un, quelles que soient les limites. Pour la direction, et les comptes qui ne doivent pas tomber.',
  'protected.add': 'Protéger quelqu’un',
  'protected.found': 'Personnes trouvées',
  'protected.do': 'Protéger',
  'protected.already': 'Protégée',
  'protected.undo': 'Ne plus protéger',
  'protected.none': 'Personne n’est encore protégé',
  'protected.noneWhy':
    'Cherchez quelqu’un ci-dessus. Toute suppression attend de toute façon ; ceci vaut pour ceux qui ne doivent jamais passer inaperçus.',

  'appearance.lead': 'Conservé dans ce navigateur, pas dans le relais.',

  'about.lead':
    'Se tient entre votre fournisseur d’identité et Steeple, et ne laisse personne perdre un accès par accident.',
  'about.version': 'Version',
  'about.running': 'En marche depuis',
  'about.scim': 'Adresse pour les sources',
  'about.scim.why': 'Là où les fournisseurs d’identité envoient.',
  'about.data': 'Dossier de données',
  'about.data.why': 'Tout ce que garde le relais. À sauvegarder.',
  'about.kept': 'Le jeton de Steeple est dans',
  'about.kept.why': 'Jamais dans la base, un journal technique ou un export.',
  'about.process': 'Processus',
  'about.browser': '{{pid}}, par navigateur',
  'about.own': '{{pid}}, démarré par cette application',
  'about.found': '{{pid}}, déjà en marche au démarrage de l’application',
  'about.none': '{{pid}}',
  'about.licence': 'Licence',
};
